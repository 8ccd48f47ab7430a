package org.lorica.config;

/**
 * A checked configuration and the text that gives it again.
 *
 * @param resolvedHocon one JSON object {@code {"lorica": …}} with every key, for the manifest and
 *     for {@link ConfigLoader#parse} on executors
 */
public record LoadedConfig(RunConfig run, String resolvedHocon) {}
