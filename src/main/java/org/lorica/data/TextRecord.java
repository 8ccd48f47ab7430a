package org.lorica.data;

import java.io.Serializable;

/**
 * One record of text before tokenising.
 *
 * @param label class index, or {@link Example#NO_LABEL}
 * @param client the natural client's name, empty where there is none
 */
public record TextRecord(String text, int label, String client) implements Labelled, Serializable {}
