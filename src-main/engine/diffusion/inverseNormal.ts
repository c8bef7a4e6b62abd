/**
 * Inverse of the standard normal distribution function for 0 < p < 1, to 16 digits: Wichura, Algorithm AS 241
 * (PPND16), Applied Statistics 37 (1988). Only additions, multiplications, divisions and square roots, which IEEE 754
 * rounds in one way everywhere; JavaScript leaves the digits of Math.log to the engine.
 */
export function inverseNormal(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * ratio(centre, 0.180625 - q * q);
  const depth = Math.sqrt(-logarithm(q < 0 ? p : 1 - p));
  const x = depth <= 5 ? ratio(flank, depth - 1.6) : ratio(tail, depth - 5);
  return q < 0 ? -x : x;
}

/** Coefficients of a rational function, highest power first. */
interface Rational {
  readonly numerator: readonly number[];
  readonly denominator: readonly number[];
}

const centre: Rational = {
  numerator: [
    2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946,
    1971.5909503065513, 133.14166789178438, 3.3871328727963665,
  ],
  denominator: [
    5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751,
    687.1870074920579, 42.31333070160091, 1,
  ],
};

const flank: Rational = {
  numerator: [
    0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684,
    3.6478483247632045, 5.769497221460691, 4.630337846156546, 1.4234371107496835,
  ],
  denominator: [
    1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008,
    0.6897673349851, 1.6763848301838038, 2.053191626637759, 1,
  ],
};

const tail: Rational = {
  numerator: [
    2.0103343992922881e-7, 0.000027115555687434876, 0.0012426609473880784, 0.026532189526576124,
    0.29656057182850487, 1.7848265399172913, 5.463784911164114, 6.657904643501103,
  ],
  denominator: [
    2.0442631033899397e-15, 1.421511758316446e-7, 0.000018463183175100548, 0.0007868691311456133,
    0.014875361290850615, 0.1369298809227358, 0.599832206555888, 1,
  ],
};

function ratio({ numerator, denominator }: Rational, x: number): number {
  return polynomial(numerator, x) / polynomial(denominator, x);
}

function polynomial(coefficients: readonly number[], x: number): number {
  return coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);
}

/** Odd powers that the series needs to reach the precision of a double. */
const seriesTerms = 12;

/** Natural logarithm of 0 < x < 1, by the exponent and the series of artanh. */
export function logarithm(x: number): number {
  let exponent = 0;
  let mantissa = x;
  // Doubling is exact.
  while (mantissa < Math.SQRT1_2) {
    mantissa *= 2;
    exponent--;
  }
  const s = (mantissa - 1) / (mantissa + 1);
  let sum = 0;
  for (let term = seriesTerms; term >= 0; term--) sum = sum * s * s + 1 / (2 * term + 1);
  return exponent * Math.LN2 + 2 * s * sum;
}
