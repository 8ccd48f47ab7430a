package org.lorica.federation;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/**
 * Things that are slow to load, the few used last. Several threads that want the same wait for one
 * load. What is dropped stays alive for whoever still holds it.
 */
final class LastUsed<K, V> {
  private final int most;
  private final Map<K, CompletableFuture<V>> kept = new LinkedHashMap<>(16, 0.75f, true);

  LastUsed(int most) {
    this.most = most;
  }

  /** What is kept for {@code key}, loaded if nothing is. A failed load is not kept. */
  V computeIfAbsent(K key, Supplier<V> load) {
    CompletableFuture<V> mine = new CompletableFuture<>();
    CompletableFuture<V> present = put(key, mine);
    if (present == mine) {
      try {
        mine.complete(load.get());
      } catch (RuntimeException | Error e) {
        mine.completeExceptionally(e);
        remove(key);
        throw e;
      }
    }
    try {
      return present.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  private synchronized CompletableFuture<V> put(K key, CompletableFuture<V> mine) {
    CompletableFuture<V> present = kept.computeIfAbsent(key, k -> mine);
    Iterator<K> oldest = kept.keySet().iterator();
    while (kept.size() > most) {
      oldest.next();
      oldest.remove();
    }
    return present;
  }

  synchronized void remove(K key) {
    kept.remove(key);
  }
}
