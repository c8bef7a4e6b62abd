import * as z from 'zod';

/** What a file or folder is, and what is in it. */
export const fileInspection = z.object({
  path: z.string(),
  kind: z.string(),
  description: z.string(),
  family: z.string().optional(),
  variant: z.string().optional(),
  bytes: z.number(),
  parameters: z.number(),
  dtypes: z.record(z.string(), z.number()),
  metadata: z.record(z.string(), z.string()),
  details: z.array(z.string()),
  groups: z.array(z.object({ prefix: z.string(), tensors: z.number(), parameters: z.number() })),
  tensors: z.array(
    z.object({
      key: z.string(),
      dtype: z.string(),
      shape: z.array(z.number()),
      file: z.string().optional(),
    }),
  ),
});

export type FileInspection = z.infer<typeof fileInspection>;
