// The button "Load sample concepts", wherever it stands: what fails is said and offered again.

import { sentence } from '../client/perform';
import { toast } from '../client/toasts';

export async function loadSampleConcepts(): Promise<void> {
  try {
    const { loadSamples } = await import('../client/samples');
    await loadSamples();
  } catch (error) {
    toast({
      text: sentence(error),
      tone: 'error',
      action: { label: 'Try again', run: () => void loadSampleConcepts() },
    });
  }
}
