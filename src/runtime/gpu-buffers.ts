// K/V tensors in GPU buffers of our own, on ONNX Runtime's device: made, cut short, counted.
import { env, Tensor } from 'onnxruntime-web/webgpu';
import { AppError } from '../core/errors';

/** Of one layer's keys or values: (1, kvHeads, tokens, headDim). */
export interface TensorShape {
  readonly kvHeads: number;
  readonly tokens: number;
  readonly headDim: number;
}

type KvType = 'float32' | 'float16';

/** ONNX Runtime's device; there is one after the first WebGPU session was made. */
export async function ortDevice(): Promise<GPUDevice> {
  // The types say it is there; it is a promise, and undefined before the first session.
  const device = await (env.webgpu.device as Promise<GPUDevice> | undefined);
  if (!device) throw new AppError('internal', 'There is no graphics device yet.');
  return device;
}

let live = 0;

/** Buffers made here that were not freed: what a test of leaks counts. */
export function liveGpuBuffers(): number {
  return live;
}

/** A buffer that counts as live until `freeBuffer`. */
export function makeBuffer(device: GPUDevice, bytes: number, usage: GPUBufferUsageFlags): GPUBuffer {
  live++;
  return device.createBuffer({ size: Math.ceil(bytes / 16) * 16, usage }); // as ONNX Runtime's own: whole 16 bytes
}

export function freeBuffer(buffer: GPUBuffer): void {
  live--;
  buffer.destroy();
}

/** A tensor over a fresh buffer of ours, freed by the tensor's `dispose()`. */
export function makeGpuTensor(
  device: GPUDevice,
  type: KvType,
  { kvHeads, tokens, headDim }: TensorShape,
): { tensor: Tensor; buffer: GPUBuffer } {
  const bytes = kvHeads * tokens * headDim * BYTES[type];
  const buffer = makeBuffer(device, bytes, GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST);
  const tensor = Tensor.fromGpuBuffer(buffer, {
    dataType: type,
    dims: [1, kvHeads, tokens, headDim],
    dispose: () => freeBuffer(buffer),
    download: () => readBuffer(device, buffer, bytes, type),
  });
  return { tensor, buffer };
}

/** The first `tokens` rows of every head of each tensor, in tensors of their own. One submission for all. */
export async function truncateOnGpu(tensors: readonly Tensor[], shape: TensorShape, tokens: number): Promise<Tensor[]> {
  const device = await ortDevice();
  const encoder = device.createCommandEncoder();
  const cut = tensors.map((tensor) => {
    const type = tensor.type === 'float16' ? 'float16' : 'float32';
    const made = makeGpuTensor(device, type, { ...shape, tokens });
    const rowBytes = shape.headDim * BYTES[type];
    for (let head = 0; head < shape.kvHeads; head++) {
      encoder.copyBufferToBuffer(
        tensor.gpuBuffer,
        head * shape.tokens * rowBytes,
        made.buffer,
        head * tokens * rowBytes,
        tokens * rowBytes,
      );
    }
    return made.tensor;
  });
  device.queue.submit([encoder.finish()]);
  return cut;
}

const BYTES = { float32: 4, float16: 2 } as const;

async function readBuffer(
  device: GPUDevice,
  buffer: GPUBuffer,
  bytes: number,
  type: KvType,
): Promise<Float32Array | Uint16Array> {
  const staging = device.createBuffer({ size: buffer.size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  try {
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, 0, staging, 0, buffer.size);
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    const copy = staging.getMappedRange().slice(0, bytes);
    return type === 'float32' ? new Float32Array(copy) : new Uint16Array(copy);
  } finally {
    staging.destroy();
  }
}
