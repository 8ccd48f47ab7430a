// What the products of cuBLAS leave to do, as CUDA C: compiled at run time for the card at hand.
//
// A matrix is its first element's address and the distance between the starts of two rows, in
// elements. Sums have a fixed order, a function of the shape alone: no atomics, so that the same
// input gives the same bits. No fast-math: a kernel is compared with its plain twin.

struct View {
  float *at;
  long long stride;

  __device__ float *row(int i) const { return at + i * stride; }
};

// Every element of a rows x cols matrix: blockIdx.y walks over rows, the threads of x over columns.
#define FOR_EACH(i, j)                                      \
  for (int i = blockIdx.y; i < rows; i += gridDim.y)        \
    for (unsigned j = blockIdx.x * blockDim.x + threadIdx.x; j < (unsigned)cols; j += gridDim.x * blockDim.x)

// Every row, one block a row, and the elements of a row that are this thread's.
#define FOR_ROWS(i) for (int i = blockIdx.x; i < rows; i += gridDim.x)
#define FOR_OWN(j, count) for (int j = threadIdx.x; j < (count); j += blockDim.x)

struct Plus {
  template <typename T> __device__ T operator()(T a, T b) const { return a + b; }
};

struct Greater {
  __device__ float operator()(float a, float b) const { return fmaxf(a, b); }
};

template <typename T, typename Op> __device__ T acrossWarp(T value, Op op) {
  for (int distance = 16; distance > 0; distance >>= 1) {
    value = op(value, __shfl_xor_sync(0xffffffffu, value, distance));
  }
  return value;
}

// The values of all threads of a block joined, known to all of them. Blocks are whole warps.
template <typename T, typename Op> __device__ T acrossBlock(T value, T none, Op op) {
  __shared__ T warps[32];
  int lane = threadIdx.x % 32;
  value = acrossWarp(value, op);
  __syncthreads(); // an earlier reduction may still be reading
  if (lane == 0) {
    warps[threadIdx.x / 32] = value;
  }
  __syncthreads();
  return acrossWarp(lane < (int)(blockDim.x / 32) ? warps[lane] : none, op);
}

template <typename T> __device__ T blockSum(T value) { return acrossBlock(value, T(0), Plus()); }

__device__ float blockMax(float value) { return acrossBlock(value, -3.402823466e38f, Greater()); }

// ---- elementwise ----

extern "C" __global__ void fill(View x, int rows, int cols, float value) {
  FOR_EACH(i, j) { x.row(i)[j] = value; }
}

extern "C" __global__ void scale(View x, int rows, int cols, float factor) {
  FOR_EACH(i, j) { x.row(i)[j] *= factor; }
}

extern "C" __global__ void copy(View x, View y, int rows, int cols) {
  FOR_EACH(i, j) { y.row(i)[j] = x.row(i)[j]; }
}

extern "C" __global__ void transpose(View x, View y, int rows, int cols) {
  FOR_EACH(i, j) { y.row(j)[i] = x.row(i)[j]; }
}

extern "C" __global__ void axpy(View x, View y, int rows, int cols, float alpha) {
  FOR_EACH(i, j) { y.row(i)[j] += alpha * x.row(i)[j]; }
}

extern "C" __global__ void addBias(View bias, View x, int rows, int cols) {
  FOR_EACH(i, j) { x.row(i)[j] += bias.at[j]; }
}

extern "C" __global__ void addBiasTo(View bias, View x, View y, int rows, int cols) {
  FOR_EACH(i, j) { y.row(i)[j] = x.row(i)[j] + bias.at[j]; }
}

extern "C" __global__ void setRows(View bias, View x, int rows, int cols) {
  FOR_EACH(i, j) { x.row(i)[j] = bias.at[j]; }
}

extern "C" __global__ void multiply(View x, View y, int rows, int cols) {
  FOR_EACH(i, j) { y.row(i)[j] *= x.row(i)[j]; }
}

extern "C" __global__ void scaleRows(const float *factors, View x, int rows, int cols) {
  FOR_EACH(i, j) { x.row(i)[j] *= factors[i]; }
}

__device__ float normalCdf(float x) { return 0.5f * erfcf(-0.70710678118654752f * x); }

__device__ float geluSlope(float x) {
  return normalCdf(x) + x * 0.39894228040143268f * expf(-0.5f * x * x);
}

extern "C" __global__ void gelu(View x, View y, int rows, int cols) {
  FOR_EACH(i, j) {
    float v = x.row(i)[j];
    y.row(i)[j] = v * normalCdf(v);
  }
}

extern "C" __global__ void geluAndSlope(View x, View y, int rows, int cols) {
  FOR_EACH(i, j) {
    float v = x.row(i)[j];
    y.row(i)[j] = v * normalCdf(v);
    x.row(i)[j] = geluSlope(v);
  }
}

extern "C" __global__ void geluGradient(View x, View dy, View dx, int rows, int cols) {
  FOR_EACH(i, j) { dx.row(i)[j] = dy.row(i)[j] * geluSlope(x.row(i)[j]); }
}

extern "C" __global__ void hyperbolicTangent(View x, View y, int rows, int cols) {
  FOR_EACH(i, j) { y.row(i)[j] = tanhf(x.row(i)[j]); }
}

extern "C" __global__ void tanhGradient(View y, View dy, View dx, int rows, int cols) {
  FOR_EACH(i, j) {
    float v = y.row(i)[j];
    dx.row(i)[j] = dy.row(i)[j] * (1 - v * v);
  }
}

__device__ float sigmoid(float x) { return 1 / (1 + expf(-x)); }

extern "C" __global__ void swiglu(View gate, View up, View y, int rows, int cols) {
  FOR_EACH(i, j) {
    float g = gate.row(i)[j];
    y.row(i)[j] = g * sigmoid(g) * up.row(i)[j];
  }
}

extern "C" __global__ void swigluGradient(View gate, View up, View dy, View dGate, View dUp, int rows,
                                          int cols) {
  FOR_EACH(i, j) {
    float g = gate.row(i)[j];
    float s = sigmoid(g);
    float d = dy.row(i)[j];
    dGate.row(i)[j] = d * up.row(i)[j] * s * (1 + g * (1 - s));
    dUp.row(i)[j] = d * g * s;
  }
}

extern "C" __global__ void swigluAndSlopes(View gate, View up, View y, View ofGate, View ofUp, int rows,
                                           int cols) {
  FOR_EACH(i, j) {
    float g = gate.row(i)[j];
    float u = up.row(i)[j];
    float s = sigmoid(g);
    y.row(i)[j] = g * s * u;
    ofGate.row(i)[j] = u * s * (1 + g * (1 - s));
    ofUp.row(i)[j] = g * s;
  }
}

// ---- rows ----

__device__ void softmaxRow(float *x, int cols, int seen) {
  float top = -3.402823466e38f;
  FOR_OWN(j, seen) { top = fmaxf(top, x[j]); }
  top = blockMax(top);
  float sum = 0;
  FOR_OWN(j, seen) {
    float e = expf(x[j] - top);
    x[j] = e;
    sum += e;
  }
  float factor = 1 / blockSum(sum);
  FOR_OWN(j, cols) { x[j] = j < seen ? x[j] * factor : 0; }
}

__device__ int visibleOf(int row, int cols, int visible, int step) {
  long long seen = visible + (long long)row * step;
  return seen < cols ? (int)seen : cols;
}

extern "C" __global__ void softmax(View x, int rows, int cols, int visible, int step) {
  FOR_ROWS(i) { softmaxRow(x.row(i), cols, visibleOf(i, cols, visible, step)); }
}

__device__ void softmaxGradientRow(const float *p, float *dp, int cols) {
  float dot = 0;
  FOR_OWN(j, cols) { dot += p[j] * dp[j]; }
  dot = blockSum(dot);
  FOR_OWN(j, cols) { dp[j] = p[j] * (dp[j] - dot); }
}

extern "C" __global__ void softmaxGradient(View p, View dp, int rows, int cols) {
  FOR_ROWS(i) { softmaxGradientRow(p.row(i), dp.row(i), cols); }
}

// Many matrices of scores in one launch, blockIdx.y being the matrix.
struct Scores {
  View p;
  View dp;
  long long rows;
  long long cols;
  long long visible;
  long long step;
};

extern "C" __global__ void softmaxEach(const Scores *all) {
  const Scores s = all[blockIdx.y];
  int rows = (int)s.rows;
  FOR_ROWS(i) {
    int cols = (int)s.cols;
    softmaxRow(s.p.row(i), cols, visibleOf(i, cols, (int)s.visible, (int)s.step));
  }
}

extern "C" __global__ void softmaxGradientEach(const Scores *all) {
  const Scores s = all[blockIdx.y];
  int rows = (int)s.rows;
  FOR_ROWS(i) { softmaxGradientRow(s.p.row(i), s.dp.row(i), (int)s.cols); }
}

extern "C" __global__ void layerNorm(View x, View gamma, View beta, View y, View stats, int rows,
                                     int cols, double epsilon) {
  FOR_ROWS(i) {
    const float *from = x.row(i);
    float sum = 0;
    FOR_OWN(j, cols) { sum += from[j]; }
    float mean = blockSum(sum) / cols;
    float squares = 0;
    FOR_OWN(j, cols) { squares += (from[j] - mean) * (from[j] - mean); }
    float factor = (float)(1 / sqrt((double)blockSum(squares) / cols + epsilon));
    FOR_OWN(j, cols) { y.row(i)[j] = gamma.at[j] * ((from[j] - mean) * factor) + beta.at[j]; }
    if (threadIdx.x == 0) {
      stats.row(i)[0] = mean;
      stats.row(i)[1] = factor;
    }
  }
}

extern "C" __global__ void rmsNorm(View x, View gamma, View y, View stats, int rows, int cols,
                                   double epsilon) {
  FOR_ROWS(i) {
    const float *from = x.row(i);
    float squares = 0;
    FOR_OWN(j, cols) { squares += from[j] * from[j]; }
    float factor = (float)(1 / sqrt((double)blockSum(squares) / cols + epsilon));
    FOR_OWN(j, cols) { y.row(i)[j] = gamma.at[j] * (from[j] * factor); }
    if (threadIdx.x == 0) {
      stats.row(i)[0] = 0;
      stats.row(i)[1] = factor;
    }
  }
}

// Layer norm (centred = 1) also takes the mean of dy * gamma away.
extern "C" __global__ void normGradient(View x, View gamma, View stats, View dy, View dx, int rows,
                                        int cols, int centred) {
  FOR_ROWS(i) {
    const float *from = x.row(i);
    const float *d = dy.row(i);
    float mean = stats.row(i)[0];
    float factor = stats.row(i)[1];
    float sum = 0;
    float along = 0;
    FOR_OWN(j, cols) {
      float g = d[j] * gamma.at[j];
      sum += g;
      along += g * ((from[j] - mean) * factor);
    }
    sum = centred ? blockSum(sum) / cols : 0;
    along = blockSum(along) / cols;
    float *to = dx.row(i);
    FOR_OWN(j, cols) {
      float normed = (from[j] - mean) * factor;
      to[j] = (d[j] * gamma.at[j] - sum - normed * along) * factor;
    }
  }
}

extern "C" __global__ void crossEntropy(View logits, const int *targets, double *losses, View d,
                                        int rows, int cols) {
  FOR_ROWS(i) {
    int target = targets[i];
    float *gradient = d.at == 0 ? 0 : d.row(i);
    if (target < 0) {
      if (gradient != 0) {
        FOR_OWN(j, cols) { gradient[j] = 0; }
      }
      if (threadIdx.x == 0) {
        losses[i] = 0;
      }
      continue; // the same way for the whole block
    }
    const float *z = logits.row(i);
    float top = -3.402823466e38f;
    FOR_OWN(j, cols) { top = fmaxf(top, z[j]); }
    top = blockMax(top);
    float own = 0;
    FOR_OWN(j, cols) { own += expf(z[j] - top); }
    float sum = blockSum(own);
    if (threadIdx.x == 0) {
      losses[i] = top + log((double)sum) - z[target];
    }
    __syncthreads(); // the gradient may take the place of the logits
    if (gradient != 0) {
      FOR_OWN(j, cols) { gradient[j] = expf(z[j] - top) / sum - (j == target ? 1 : 0); }
    }
  }
}

// ---- lookups ----

extern "C" __global__ void addEmbedding(View table, const int *ids, View y, int rows, int cols) {
  FOR_EACH(i, j) { y.row(i)[j] += table.row(ids[i])[j]; }
}

// cols = pairs of a row. The table holds cosine and sine of every position and pair of a head.
extern "C" __global__ void rotary(View x, const int *positions, const float *cosines,
                                  const float *sines, int rows, int cols, int half, float sign) {
  FOR_EACH(i, j) {
    int pair = j % half;
    float *first = x.row(i) + (j / half) * 2 * half + pair;
    float *second = first + half;
    float cosine = cosines[(long long)positions[i] * half + pair];
    float sine = sign * sines[(long long)positions[i] * half + pair];
    float a = *first;
    float b = *second;
    *first = a * cosine - b * sine;
    *second = b * cosine + a * sine;
  }
}

// ---- many small matrices in one launch, blockIdx.y being the matrix ----

struct Move {
  View from;
  View to;
  long long rows;
  long long cols;
};

__device__ void moveAll(const Move &m, float keep) {
  for (long long k = blockIdx.x * blockDim.x + threadIdx.x; k < m.rows * m.cols;
       k += (long long)gridDim.x * blockDim.x) {
    int i = (int)(k / m.cols);
    int j = (int)(k % m.cols);
    float kept = keep == 0 ? 0 : m.to.row(i)[j];
    m.to.row(i)[j] = kept + m.from.row(i)[j];
  }
}

extern "C" __global__ void copyEach(const Move *all) { moveAll(all[blockIdx.y], 0); }

extern "C" __global__ void addEach(const Move *all) { moveAll(all[blockIdx.y], 1); }

// ---- sums in double ----

// parts[row * gridDim.y + part]: the sum of squares of one stretch of a row.
extern "C" __global__ void squaredNormParts(View x, double *parts, int rows, int cols, int stretch) {
  FOR_ROWS(i) {
    const float *from = x.row(i);
    int begin = blockIdx.y * stretch;
    int end = cols - begin < stretch ? cols : begin + stretch;
    double sum = 0;
    for (int j = begin + threadIdx.x; j < end; j += blockDim.x) {
      sum += (double)from[j] * from[j];
    }
    sum = blockSum(sum);
    if (threadIdx.x == 0) {
      parts[(long long)i * gridDim.y + blockIdx.y] = sum;
    }
  }
}

// Every row's part of an inner product, and of its terms' magnitudes.
extern "C" __global__ void innerParts(View a, View b, double *parts, int rows, int cols) {
  FOR_ROWS(i) {
    double sum = 0;
    double magnitudes = 0;
    FOR_OWN(j, cols) {
      double term = (double)a.row(i)[j] * b.row(i)[j];
      sum += term;
      magnitudes += fabs(term);
    }
    sum = blockSum(sum);
    magnitudes = blockSum(magnitudes);
    if (threadIdx.x == 0) {
      parts[2 * i] = sum;
      parts[2 * i + 1] = magnitudes;
    }
  }
}

// One thread a column, row after row, as the plain twin adds them.
extern "C" __global__ void weightedRows(const double *factors, View x, double *sums, int rows,
                                        int cols) {
  for (unsigned j = blockIdx.x * blockDim.x + threadIdx.x; j < (unsigned)cols;
       j += gridDim.x * blockDim.x) {
    double sum = 0;
    for (int i = 0; i < rows; i++) {
      if (factors[i] != 0) { // a row that is not finite must not come in as 0 times it
        sum += factors[i] * x.row(i)[j];
      }
    }
    sums[j] = sum;
  }
}
