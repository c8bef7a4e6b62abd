const names: Readonly<Record<string, string>> = {
  auto: 'fastest device that works',
  cpu: 'processor',
  webgpu: 'graphics card (WebGPU)',
  cuda: 'graphics card (CUDA)',
  dml: 'graphics card (DirectML)',
  coreml: 'Apple device (Core ML)',
};

/** What a user calls it, after "the". */
export function deviceInWords(device: string): string {
  return names[device] ?? device;
}
