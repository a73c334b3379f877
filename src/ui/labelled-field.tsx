// A text field with its label, its hint and, when something is wrong, the sentence that says so.

import { FieldError, Input, Label, Text, TextArea, TextField } from 'react-aria-components/TextField';

interface LabelledFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly hint?: string;
  readonly placeholder?: string;
  readonly error?: string | undefined;
  readonly rows?: number; // more than one line
  readonly autoFocus?: boolean;
  readonly secret?: boolean; // shown as dots, and kept out of the browser's own memory
}

export function LabelledField({
  label,
  value,
  onChange,
  hint,
  placeholder,
  error,
  rows,
  autoFocus = false,
  secret = false,
}: LabelledFieldProps) {
  return (
    <TextField
      className="labelled"
      value={value}
      onChange={onChange}
      isInvalid={error !== undefined}
      validationBehavior="aria"
      autoFocus={autoFocus}
      {...(secret && { type: 'password', autoComplete: 'off' })}
    >
      <Label>{label}</Label>
      {rows === undefined ? (
        <Input className="field" {...(placeholder && { placeholder })} />
      ) : (
        <TextArea className="field" rows={rows} {...(placeholder && { placeholder })} />
      )}
      {hint && (
        <Text slot="description" className="hint">
          {hint}
        </Text>
      )}
      <FieldError className="problem">{error}</FieldError>
    </TextField>
  );
}
