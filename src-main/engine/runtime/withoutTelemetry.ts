/**
 * ONNX Runtime's packages from 1.29 on tell Microsoft over the network what is computed: names of models and files,
 * hashes, sizes, devices, times. Nothing of an artist's work leaves this machine, so they are told not to before they are
 * loaded, which is when they look. On Windows they write to the system's own event log instead, which no program can
 * keep them from (microsoft/onnxruntime, docs/Privacy.md and pull request 27379).
 */
process.env.ORT_DISABLE_TELEMETRY = '1';
