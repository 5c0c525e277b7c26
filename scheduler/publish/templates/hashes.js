// SHA-256 (FIPS 180-4) and SM3 (GB/T 32905-2016) of bytes, in plain script: a browser offers no SM3 at all, and
// SHA-256 (crypto.subtle) not on pages from plain http. In: a Uint8Array. Out: 64 lower-case hexadecimal digits.
// The functions are named as the profiles of a plan: onedoorHashes[profile](new TextEncoder().encode(text)).
"use strict";
const onedoorHashes = (() => {
  const BLOCK = 64;

  const SHA256_START = [
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
  ]; // FIPS 180-4, 5.3.3
  const SHA256_CONSTANTS = [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
  ]; // FIPS 180-4, 4.2.2
  const SM3_START = [
    0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e,
  ]; // GB/T 32905-2016, 4.1

  const left = (word, places) => (word << places % 32) | (word >>> (32 - places % 32) % 32);
  const right = (word, places) => (word >>> places) | (word << (32 - places));

  // Both hashes fill the last block alike: a one, zeros, and the length in bits in eight bytes.
  const padded = (bytes) => {
    const whole = new Uint8Array(Math.ceil((bytes.length + 9) / BLOCK) * BLOCK);
    whole.set(bytes);
    whole[bytes.length] = 0x80;
    const view = new DataView(whole.buffer);
    view.setUint32(whole.length - 8, Math.floor(bytes.length / 0x20000000));
    view.setUint32(whole.length - 4, (bytes.length << 3) >>> 0);
    return view;
  };

  const hashed = (bytes, start, compressed) => {
    if (!(bytes instanceof Uint8Array)) {
      throw new TypeError("a hash is of bytes");
    }
    const view = padded(bytes);
    let state = start;
    for (let first = 0; first < view.byteLength; first += BLOCK) {
      const words = Array.from({ length: 16 }, (_, n) => view.getUint32(first + 4 * n));
      state = compressed(state, words);
    }
    return state.map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  };

  const sha256Block = (state, words) => {
    for (let n = 16; n < 64; n += 1) {
      const [near, far] = [words[n - 15], words[n - 2]];
      const small0 = right(near, 7) ^ right(near, 18) ^ (near >>> 3);
      const small1 = right(far, 17) ^ right(far, 19) ^ (far >>> 10);
      words.push((small1 + words[n - 7] + small0 + words[n - 16]) | 0);
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let n = 0; n < 64; n += 1) {
      const large1 = right(e, 6) ^ right(e, 11) ^ right(e, 25);
      const one = (h + large1 + ((e & f) ^ (~e & g)) + SHA256_CONSTANTS[n] + words[n]) | 0;
      const large0 = right(a, 2) ^ right(a, 13) ^ right(a, 22);
      const two = (large0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [a, b, c, d, e, f, g, h] = [(one + two) | 0, a, b, c, (d + one) | 0, e, f, g];
    }
    return [a, b, c, d, e, f, g, h].map((word, n) => (word + state[n]) | 0);
  };

  const sm3Block = (state, words) => {
    for (let n = 16; n < 68; n += 1) {
      const mixed = words[n - 16] ^ words[n - 9] ^ left(words[n - 3], 15);
      words.push(mixed ^ left(mixed, 15) ^ left(mixed, 23) ^ left(words[n - 13], 7) ^ words[n - 6]);
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let n = 0; n < 64; n += 1) {
      const turned = left(a, 12);
      const ss1 = left((turned + e + left(n < 16 ? 0x79cc4519 : 0x7a879d8a, n)) | 0, 7);
      const ff = n < 16 ? a ^ b ^ c : (a & b) | (a & c) | (b & c);
      const gg = n < 16 ? e ^ f ^ g : (e & f) | (~e & g);
      const tt1 = (ff + d + (ss1 ^ turned) + (words[n] ^ words[n + 4])) | 0;
      const tt2 = (gg + h + ss1 + words[n]) | 0;
      [a, b, c, d] = [tt1, a, left(b, 9), c];
      [e, f, g, h] = [tt2 ^ left(tt2, 9) ^ left(tt2, 17), e, left(f, 19), g];
    }
    return [a, b, c, d, e, f, g, h].map((word, n) => word ^ state[n]);
  };

  return Object.freeze({
    sha256: (bytes) => hashed(bytes, SHA256_START, sha256Block),
    sm3: (bytes) => hashed(bytes, SM3_START, sm3Block),
  });
})();
