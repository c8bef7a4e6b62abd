import type { TextEncoderConfig } from './clipConfig.ts';
import type { AutoencoderConfig, UNetConfig } from './config.ts';
import type { SchedulerConfig } from './schedulerConfig.ts';

/** The configurations of a Stable Diffusion. */
export interface ModelConfigs {
  readonly unet: UNetConfig;
  readonly textEncoder: TextEncoderConfig;
  readonly autoencoder: AutoencoderConfig;
  readonly scheduler: SchedulerConfig;
}
