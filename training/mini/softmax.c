/* Masked softmax over two score matrices at once, in place, bfloat16 in memory and float32 in registers: see attention.py.
 *
 * A row is n1 scores in a and n2 scores in b (n2 may be 0), normalised together. Mask bytes are 1 where a key is seen.
 * Backward turns the gradient of the shares into the gradient of the scores, in place: ds = p (dp - sum(dp p)).
 */
#include <math.h>
#include <stdint.h>
#include <string.h>

#define WIDEST 4096

static inline float wide(uint16_t h) {
  uint32_t u = (uint32_t)h << 16;
  float f;
  memcpy(&f, &u, 4);
  return f;
}

static inline uint16_t narrow(float f) { /* to nearest, ties to even */
  uint32_t u;
  memcpy(&u, &f, 4);
  return (uint16_t)((u + 0x7FFF + ((u >> 16) & 1)) >> 16);
}

static inline float fast_exp(float x) { /* x <= 0; relative error under 2e-6, far below bfloat16 */
  x = x < -87.0f ? -87.0f : x;
  float n = __builtin_rintf(x * 1.44269504f);
  float r = x - n * 0.693145752f - n * 1.42860677e-6f;
  float p = 1.0f + r * (1.0f + r * (0.5f + r * (0.16666667f + r * (0.041666642f + r * 0.008333333f))));
  int32_t bits = ((int32_t)n + 127) << 23;
  float scale;
  memcpy(&scale, &bits, 4);
  return p * scale;
}

static float load(float *restrict x, const uint16_t *restrict s, const uint8_t *restrict mask, long n, float top) {
  for (long i = 0; i < n; i++) {
    float f = mask[i] ? wide(s[i]) : -1e30f;
    x[i] = f;
    top = f > top ? f : top;
  }
  return top;
}

static float grow(float *restrict x, long n, float top) {
  float sum = 0;
  for (long i = 0; i < n; i++) {
    x[i] = x[i] < -1e29f ? 0.0f : fast_exp(x[i] - top);
    sum += x[i];
  }
  return sum;
}

/* Rows are ordered (batch, head group, chunk, head in group, row in chunk); the mask knows batch, chunk and row only.
 * m1: one row of n1 bytes per batch (per_row1 = 0) or per (batch, chunk, row); m2: per (batch, chunk, row). */
void softmax_forward(uint16_t *a, const uint8_t *m1, long n1, int per_row1, uint16_t *b, const uint8_t *m2, long n2, long batch,
                     long groups, long chunks, long heads, long rows) {
  long total = batch * groups * chunks * heads * rows;
#pragma omp parallel for schedule(static)
  for (long r = 0; r < total; r++) {
    float x[WIDEST];
    long row = r % rows, chunk = r / rows / heads % chunks, item = r / rows / heads / chunks / groups;
    long place = (item * chunks + chunk) * rows + row;
    float top = load(x, a + r * n1, m1 + (per_row1 ? place : item) * n1, n1, -1e30f);
    if (n2) top = load(x + n1, b + r * n2, m2 + place * n2, n2, top);
    float scale = 1.0f / grow(x, n1 + n2, top);
    for (long i = 0; i < n1; i++) a[r * n1 + i] = narrow(x[i] * scale);
    for (long i = 0; i < n2; i++) b[r * n2 + i] = narrow(x[n1 + i] * scale);
  }
}

static float dot(const uint16_t *restrict p, const uint16_t *restrict g, long n) {
  float sum = 0;
  for (long i = 0; i < n; i++) sum += wide(p[i]) * wide(g[i]);
  return sum;
}

static void pull(const uint16_t *restrict p, uint16_t *restrict g, long n, float sum) {
  for (long i = 0; i < n; i++) g[i] = narrow(wide(p[i]) * (wide(g[i]) - sum));
}

void softmax_backward(const uint16_t *p1, uint16_t *g1, long n1, const uint16_t *p2, uint16_t *g2, long n2, long total) {
#pragma omp parallel for schedule(static)
  for (long r = 0; r < total; r++) {
    float sum = dot(p1 + r * n1, g1 + r * n1, n1) + (n2 ? dot(p2 + r * n2, g2 + r * n2, n2) : 0.0f);
    pull(p1 + r * n1, g1 + r * n1, n1, sum);
    if (n2) pull(p2 + r * n2, g2 + r * n2, n2, sum);
  }
}
