// What the tests' Java code asks of the emulator; memory of the device is the host's.

#include <jni.h>

#include "emulator.h"

namespace {

// Row-major c = alpha a b + beta c, as a card would give it but for the order of sums.
void product(const jint *size, const jfloat *factors, const float *a, const float *b, float *c) {
  int m = size[0], n = size[1], k = size[2], ta = size[3], tb = size[5];
  long lda = size[4], ldb = size[6], ldc = size[7];
  for (int i = 0; i < m; i++) {
    for (int j = 0; j < n; j++) {
      double sum = 0;
      for (int l = 0; l < k; l++) {
        sum += (double)(ta ? a[l * lda + i] : a[i * lda + l]) * (tb ? b[j * ldb + l] : b[l * ldb + j]);
      }
      c[i * ldc + j] = (float)(factors[0] * sum + (factors[1] == 0 ? 0 : factors[1] * c[i * ldc + j]));
    }
  }
}


} // namespace

extern "C" {

JNIEXPORT jboolean JNICALL Java_org_lorica_tensor_cuda_Emulator_launch(JNIEnv *env, jclass, jstring name,
                                                                       jint x, jint y, jint threads,
                                                                       jlong arguments) {
  const char *text = env->GetStringUTFChars(name, nullptr);
  auto found = KERNELS.find(text);
  env->ReleaseStringUTFChars(name, text);
  if (found == KERNELS.end()) {
    return false;
  }
  launch(found->second, {(unsigned)x, (unsigned)y, 1}, threads, (void **)arguments);
  return true;
}

// size: m, n, k, a transposed, its leading dimension, b transposed, its leading dimension, c's.
// addresses: count of a, count of b, count of c.
JNIEXPORT void JNICALL Java_org_lorica_tensor_cuda_Emulator_gemm(JNIEnv *env, jclass, jintArray size,
                                                                 jfloatArray factors, jint count,
                                                                 jlong addresses) {
  jint sizes[8];
  jfloat scale[2];
  env->GetIntArrayRegion(size, 0, 8, sizes);
  env->GetFloatArrayRegion(factors, 0, 2, scale);
  float **matrices = (float **)addresses;
  for (int i = 0; i < count; i++) {
    product(sizes, scale, matrices[i], matrices[count + i], matrices[2 * count + i]);
  }
}

JNIEXPORT jlong JNICALL Java_org_lorica_tensor_cuda_Emulator_allocate(JNIEnv *, jclass, jlong bytes) {
  void *memory = malloc(bytes);
  memset(memory, 0xff, bytes); // not a number: nothing may be read before it is written
  return (jlong)memory;
}

JNIEXPORT void JNICALL Java_org_lorica_tensor_cuda_Emulator_free(JNIEnv *, jclass, jlong address) {
  free((void *)address);
}

JNIEXPORT void JNICALL Java_org_lorica_tensor_cuda_Emulator_copy(JNIEnv *, jclass, jlong from, jlong to,
                                                                 jlong bytes) {
  memcpy((void *)to, (void *)from, bytes);
}
}
