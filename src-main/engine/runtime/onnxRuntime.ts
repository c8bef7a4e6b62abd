import './withoutTelemetry.ts';
import * as ort from 'onnxruntime-node';

/** ONNX Runtime, which must not be imported in any other way. */
export { ort };
