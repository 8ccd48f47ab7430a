package org.lorica.privacy.audit;

/**
 * What an attacker made of one canary.
 *
 * @param in whether it was in the data
 * @param score the greater, the more it looks as if it was
 */
public record CanaryScore(boolean in, double score) {}
