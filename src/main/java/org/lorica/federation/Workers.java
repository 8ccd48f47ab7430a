package org.lorica.federation;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.function.Function;
import org.lorica.lora.AdapterLayout;
import org.lorica.model.Model;
import org.lorica.model.Worker;

/**
 * This JVM's workers, lent for one piece of work at a time. They do not belong to threads: Spark
 * ends a task thread that has nothing to do for a minute, and a worker's memory off the heap would
 * then wait for a collection that nothing brings about.
 */
final class Workers {
  private static final Workers SHARED =
      new Workers(Runtime.getRuntime().availableProcessors()); // tasks that run at a time

  private record Seat(Model model, AdapterLayout layout, Worker worker) {
    boolean fits(Model wanted, AdapterLayout other) {
      return model == wanted && layout.equals(other);
    }
  }

  private final int most;
  private final Deque<Seat> free = new ArrayDeque<>(); // the last used first: its memory is warm

  Workers(int most) {
    this.most = most;
  }

  static Workers shared() {
    return SHARED;
  }

  /** Does a piece of work with a worker that nobody else has meanwhile. */
  <T> T lend(Model model, AdapterLayout layout, Function<Worker, T> work) {
    Seat seat = take(model, layout);
    try {
      return work.apply(seat.worker());
    } finally {
      giveBack(seat);
    }
  }

  private Seat take(Model model, AdapterLayout layout) {
    synchronized (free) {
      for (Iterator<Seat> seats = free.iterator(); seats.hasNext(); ) {
        Seat seat = seats.next();
        if (seat.fits(model, layout)) {
          seats.remove();
          return seat;
        }
      }
    }
    return new Seat(model, layout, model.worker(layout));
  }

  private void giveBack(Seat seat) {
    synchronized (free) {
      free.addFirst(seat);
      if (free.size() > most) {
        free.removeLast(); // of a model or layout that is no longer worked with
      }
    }
  }

  /** How many wait for work. */
  int idle() {
    synchronized (free) {
      return free.size();
    }
  }
}
