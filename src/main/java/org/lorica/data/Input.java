package org.lorica.data;

/** What a model reads of an example: token ids. */
public sealed interface Input permits Tokens {}
