package org.lorica.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class LocaleNamesTest {

  @Test
  void publicAndPrivatePartsShareNeitherALanguageNorAText() {
    Set<String> publicTexts =
        LocaleNames.publicPart().stream().map(TextRecord::text).collect(Collectors.toSet());
    List<TextRecord> records = LocaleNames.privatePart(List.of());
    assertThat(records).noneMatch(r -> publicTexts.contains(r.text()));
    assertThat(LocaleNames.publicLanguages())
        .doesNotContainAnyElementsOf(LocaleNames.privateLanguages());
  }

  @Test
  void everyPrivateLanguageHasNamesOfItsOwnInOneScript() {
    List<TextRecord> records = LocaleNames.privatePart(List.of());
    Map<Integer, Long> counts =
        records.stream().collect(Collectors.groupingBy(TextRecord::label, Collectors.counting()));
    assertThat(counts).hasSize(LocaleNames.privateLanguages().size());
    assertThat(counts.values()).allMatch(n -> n >= 150);
    assertThat(records.stream().map(TextRecord::text).distinct().count()).isEqualTo(records.size());
    long latin =
        records.stream()
            .filter(
                r ->
                    r.text()
                        .codePoints()
                        .filter(Character::isLetter)
                        .allMatch(
                            c -> Character.UnicodeScript.of(c) == Character.UnicodeScript.LATIN))
            .count();
    assertThat((double) latin / records.size()).isGreaterThan(0.99);
    assertThat(LocaleNames.privatePart(List.of())).isEqualTo(records);
  }

  @Test
  void aLanguageOfThePublicPartIsRefused() {
    assertThatThrownBy(() -> LocaleNames.privatePart(List.of("de", "yo")))
        .hasMessageContaining("data.languages: \"yo\"");
  }

  /** The JDK answers for such a language with names in English. */
  @Test
  void aLanguageThatTheJdkDoesNotKnowIsRefused() {
    assertThatThrownBy(() -> LocaleNames.privatePart(List.of("de", "xx")))
        .hasMessageContaining("data.languages: \"xx\"");
  }
}
