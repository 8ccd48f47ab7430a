package org.lorica.data;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import java.util.ArrayList;
import java.util.List;

/**
 * One text or two as tokens, uncut: for every token its id, its segment, which text it is of, and
 * where it stands in that text.
 */
final class TokenisedText {
  /** Which text a special token is of. */
  static final int SPECIAL = -1;

  private final int[] ids;
  private final int[] segments;
  private final int[] parts; // 0, 1 or SPECIAL
  private final int[] begins; // UTF-16 units; −1 for special tokens
  private final int[] ends;

  private TokenisedText(int length) {
    ids = new int[length];
    segments = new int[length];
    parts = new int[length];
    begins = new int[length];
    ends = new int[length];
  }

  /** The library counts Unicode characters; Java's strings count UTF-16 units. */
  static TokenisedText of(Encoding encoding, String first, String second) {
    long[] ids = encoding.getIds();
    long[] types = encoding.getTypeIds();
    long[] special = encoding.getSpecialTokenMask();
    long[] sequences = encoding.getSequenceIds();
    CharSpan[] spans = encoding.getCharTokenSpans();
    int[][] places = {places(first), places(second)};
    TokenisedText text = new TokenisedText(ids.length);
    for (int i = 0; i < ids.length; i++) {
      text.ids[i] = Math.toIntExact(ids[i]);
      text.segments[i] = (int) types[i];
      boolean free = special[i] == 1 || sequences[i] < 0 || spans[i] == null;
      text.parts[i] = free ? SPECIAL : (int) sequences[i];
      text.begins[i] = free ? -1 : places[text.parts[i]][spans[i].getStart()];
      text.ends[i] = free ? -1 : places[text.parts[i]][spans[i].getEnd()];
    }
    return text;
  }

  /** UTF-16 position of every Unicode character and of the end. */
  private static int[] places(String text) {
    int[] places = new int[text.codePointCount(0, text.length()) + 1];
    int at = 0;
    for (int i = 0; i < places.length - 1; i++) {
      places[i] = at;
      at += Character.charCount(text.codePointAt(at));
    }
    places[places.length - 1] = text.length();
    return places;
  }

  int length() {
    return ids.length;
  }

  int id(int token) {
    return ids[token];
  }

  int part(int token) {
    return parts[token];
  }

  int begin(int token) {
    return begins[token];
  }

  int end(int token) {
    return ends[token];
  }

  /** Whether the last token at these places, special ones apart, is of white space only. */
  boolean endsBlank(List<Integer> places, String first, String second) {
    for (int i = places.size() - 1; i >= 0; i--) {
      int token = places.get(i);
      if (parts[token] != SPECIAL) {
        String text = parts[token] == 0 ? first : second;
        String of = text.substring(begins[token], ends[token]);
        return !of.isEmpty() && of.isBlank();
      }
    }
    return false;
  }

  /** Places of the tokens of a text, in order. */
  List<Integer> of(int part) {
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < parts.length; i++) {
      if (parts[i] == part) {
        places.add(i);
      }
    }
    return places;
  }

  /** The tokens at these places. */
  Tokens pick(List<Integer> places) {
    int[] some = places.stream().mapToInt(i -> ids[i]).toArray();
    int[] kinds = places.stream().mapToInt(i -> segments[i]).toArray();
    boolean plain = places.stream().allMatch(i -> segments[i] == 0);
    return new Tokens(some, plain ? null : kinds);
  }

  /**
   * Places of at most {@code maxLength} tokens, as Hugging Face's longest_first leaves them: the
   * longer text is cut down to the shorter one's length, and then both to half of what there is, an
   * odd token staying with the longer one, or the second of two equally long ones. Special tokens
   * go last, the closing ones at the very end.
   */
  List<Integer> cutTo(int maxLength) {
    List<List<Integer>> texts = List.of(of(0), of(1));
    int[] left = {texts.get(0).size(), texts.get(1).size()};
    int room = Math.max(0, maxLength - (length() - left[0] - left[1]));
    if (left[0] + left[1] > room) {
      int longer = left[0] > left[1] ? 0 : 1;
      int shorter = 1 - longer;
      left[shorter] = Math.min(left[shorter], room / 2);
      left[longer] = room - left[shorter];
    }
    List<Integer> kept = new ArrayList<>();
    int[] seen = new int[2];
    for (int i = 0; i < length(); i++) {
      if (parts[i] == SPECIAL || seen[parts[i]]++ < left[parts[i]]) {
        kept.add(i);
      }
    }
    return kept.size() > maxLength ? kept.subList(0, maxLength) : kept;
  }
}
