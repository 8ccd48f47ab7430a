package org.lorica.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Currency;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TimeZone;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Language identification of names, from the locale data (CLDR) inside every JDK: a text is a
 * display name, its label the index of its language. All languages use the Latin script, so that
 * the alphabet does not decide. A string that is a name in more than one of the languages of either
 * part is ambiguous and left out; so no string is in both parts.
 */
public final class LocaleNames {
  private static final List<String> PRIVATE =
      List.of(
          "da", "de", "es", "et", "fi", "fr", "hr", "hu", "it", "lt", "lv", "nl", "pl", "pt", "ro",
          "sk", "sl", "sv", "sw", "tr");
  private static final List<String> PUBLIC =
      List.of(
          "af", "ast", "az", "ca", "cs", "cy", "ee", "eo", "eu", "fo", "fy", "ga", "gd", "gl",
          "gsw", "ha", "ig", "is", "jv", "ku", "lb", "mt", "pcm", "qu", "rm", "so", "sq", "tk",
          "uz", "vi", "yo", "zu");

  private LocaleNames() {}

  /** The languages that private clients tell apart by default. */
  public static List<String> privateLanguages() {
    return PRIVATE;
  }

  /** The languages of the public part. */
  public static List<String> publicLanguages() {
    return PUBLIC;
  }

  /**
   * Names of countries, languages and currencies; sorted by language, then text.
   *
   * @param languages ISO 639 codes, the label's order; empty for {@link #privateLanguages}
   */
  public static List<TextRecord> privatePart(List<String> languages) {
    List<String> chosen = languages.isEmpty() ? PRIVATE : languages;
    if (chosen.stream().distinct().count() < chosen.size()) {
      throw new IllegalArgumentException(
          "data.languages must not name a language twice, got " + chosen);
    }
    Map<String, Set<String>> found = names(chosen, Part.PRIVATE);
    // The JDK shows names of a language that it does not know in another one.
    Set<String> known =
        Arrays.stream(Locale.getAvailableLocales())
            .map(Locale::getLanguage)
            .collect(Collectors.toSet());
    for (String language : chosen) {
      if (PUBLIC.contains(language)
          || !known.contains(language)
          || found.get(language).size() < 100) {
        throw new IllegalArgumentException(
            "data.languages: \""
                + language
                + "\" must be a language with names in this JDK's locale data"
                + " that is not in the public part "
                + PUBLIC);
      }
    }
    return distinctive(found, chosen, PUBLIC);
  }

  /** Names of countries, languages, currencies and time zones in the public languages. */
  public static List<TextRecord> publicPart() {
    return distinctive(names(PUBLIC, Part.PUBLIC), PUBLIC, PRIVATE);
  }

  private enum Part {
    PRIVATE,
    PUBLIC
  }

  private static List<TextRecord> distinctive(
      Map<String, Set<String>> names, List<String> languages, List<String> others) {
    Map<String, Integer> owners = new HashMap<>();
    names.values().forEach(set -> set.forEach(name -> owners.merge(name, 1, Integer::sum)));
    names(others, Part.PUBLIC)
        .values()
        .forEach(set -> set.forEach(name -> owners.merge(name, 1, Integer::sum)));
    List<TextRecord> records = new ArrayList<>();
    for (int label = 0; label < languages.size(); label++) {
      for (String name : names.get(languages.get(label))) {
        if (owners.get(name) == 1) {
          records.add(new TextRecord(name, label, ""));
        }
      }
    }
    return records;
  }

  /** By language; side by side, because the JDK takes its time to read its locale data. */
  private static Map<String, Set<String>> names(List<String> languages, Part part) {
    return languages.parallelStream()
        .collect(Collectors.toMap(language -> language, language -> names(language, part)));
  }

  private static Set<String> names(String language, Part part) {
    Locale in = Locale.forLanguageTag(language);
    Set<String> names = new TreeSet<>();
    for (String country : Locale.getISOCountries()) {
      names.add(new Locale("", country).getDisplayCountry(in));
    }
    for (String code : Locale.getISOLanguages()) {
      names.add(new Locale(code).getDisplayLanguage(in));
    }
    for (Currency currency : Currency.getAvailableCurrencies()) {
      names.add(currency.getDisplayName(in));
    }
    if (part == Part.PUBLIC) {
      for (String zone : TimeZone.getAvailableIDs()) {
        names.add(TimeZone.getTimeZone(zone).getDisplayName(false, TimeZone.LONG, in));
      }
    }
    names.removeIf(name -> name.length() < 3);
    return names;
  }
}
