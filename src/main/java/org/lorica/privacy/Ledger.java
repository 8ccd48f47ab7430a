package org.lorica.privacy;

import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What has been spent: for every client that took part, its steps and participations; and what was
 * charged to all registered clients alike. A charge is never taken back, whatever became of the
 * training.
 */
public final class Ledger {
  private static final Remembered KNOWN = new Remembered();

  private final Map<Integer, Entry> entries = new TreeMap<>();
  private final Map<Entry, Entry> interned = new HashMap<>();
  private Composition everybody = Composition.NONE;

  /**
   * One client's account.
   *
   * @param participations rounds that it took part in
   */
  public record Entry(Composition spent, int participations) {
    static final Entry NEW = new Entry(Composition.NONE, 0);
  }

  /** One participation of a client: {@code steps} times a mechanism. */
  public void charge(int client, SampledGaussian mechanism, int steps) {
    Entry before = entries.getOrDefault(client, Entry.NEW);
    put(
        client,
        new Entry(
            before.spent().plus(mechanism, steps), Math.addExact(before.participations(), 1)));
  }

  /** One participation that costs this client no more than everybody. */
  public void chargeNothing(int client) {
    Entry before = entries.getOrDefault(client, Entry.NEW);
    put(client, new Entry(before.spent(), Math.addExact(before.participations(), 1)));
  }

  /** Puts an account back as it was, for a run that goes on. */
  public void put(int client, Entry entry) {
    Entry shared = interned.putIfAbsent(entry, entry);
    entries.put(client, shared == null ? entry : shared);
  }

  /** Charges every registered client, taking part or not. */
  public void chargeEverybody(SampledGaussian mechanism, int steps) {
    everybody = everybody.plus(mechanism, steps);
  }

  /**
   * Takes over another ledger's accounts, for a run that goes on.
   *
   * @throws IllegalStateException if something has been charged here
   */
  public void restore(Ledger spent) {
    if (!entries.isEmpty() || !everybody.steps().isEmpty()) {
      throw new IllegalStateException("a ledger can be restored only before anything is charged");
    }
    spent.entries.forEach(this::put);
    everybody = spent.everybody;
  }

  /** What was charged to every registered client. */
  public Composition everybody() {
    return everybody;
  }

  /** Accounts of the clients that took part at least once, by client. */
  public Map<Integer, Entry> entries() {
    return Collections.unmodifiableMap(entries);
  }

  /** Participations of the clients that took part at least once, ascending. */
  public List<Integer> participations() {
    return entries.values().stream().map(Entry::participations).sorted().toList();
  }

  /** Greatest ε (nats) of any client. */
  public double epsilon(Accountant accountant, double delta) {
    double common = everybody.steps().isEmpty() ? 0 : epsilon(accountant, everybody, delta);
    Collection<Composition> distinct =
        entries.values().stream().map(Entry::spent).distinct().toList();
    Map<Composition, Double> found = new ConcurrentHashMap<>();
    distinct.parallelStream()
        .filter(spent -> !spent.steps().isEmpty())
        .forEach(spent -> found.put(spent, epsilon(accountant, spent, delta)));
    return Math.max(
        common, found.values().stream().mapToDouble(Double::doubleValue).max().orElse(0));
  }

  private record Question(String accountant, Composition spent, double delta) {}

  private static double epsilon(Accountant accountant, Composition spent, double delta) {
    return KNOWN.value(
        new Question(accountant.name(), spent, delta), () -> accountant.epsilon(spent, delta));
  }
}
