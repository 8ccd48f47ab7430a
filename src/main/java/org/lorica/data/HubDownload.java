package org.lorica.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;

/**
 * One file of a server with Hugging Face's layout, {@code …/resolve/revision/file}. The first
 * answer tells the content's version: SHA-256 for large files (LFS), git's SHA-1 of the blob for
 * others; the content itself may be elsewhere, behind a redirect.
 */
final class HubDownload {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final URI address;

  HubDownload(String address) {
    this.address = URI.create(address.replace(" ", "%20"));
  }

  /**
   * What the server says of the content.
   *
   * @param etag checksum, without quotes
   * @param size bytes; −1 where the server does not say
   */
  record Version(String etag, long size) {
    /** Short and fit for a file name: a partial download of other content is another file. */
    String key() {
      return Integer.toHexString(etag.hashCode());
    }
  }

  /** Empty if the server has no such file. */
  Optional<Version> version() throws IOException {
    HttpRequest head =
        HttpRequest.newBuilder(address)
            .timeout(PATIENCE)
            .method("HEAD", HttpRequest.BodyPublishers.noBody())
            .build();
    HttpResponse<Void> answer =
        send(HttpClient.Redirect.NEVER, head, HttpResponse.BodyHandlers.discarding());
    int status = answer.statusCode();
    if (status == 404) {
      return Optional.empty();
    }
    if (status >= 400) {
      throw new IOException("the server answered " + status);
    }
    Optional<String> linked = answer.headers().firstValue("X-Linked-Etag");
    Optional<String> tag = linked.isPresent() ? linked : answer.headers().firstValue("ETag");
    long size =
        answer
            .headers()
            .firstValue("X-Linked-Size")
            .map(Long::parseLong)
            .orElse(
                status < 300 ? answer.headers().firstValueAsLong("Content-Length").orElse(-1) : -1);
    String etag = tag.map(t -> t.replaceFirst("^W/", "").replace("\"", "")).orElse("");
    return Optional.of(new Version(etag, size));
  }

  /** Fills {@code part}, going on where it ends; a wrong checksum is an error, and removes it. */
  void fetch(Version version, Path part) throws IOException {
    long have = Files.exists(part) ? Files.size(part) : 0;
    if (have == 0 || have != version.size()) {
      HttpRequest.Builder get = HttpRequest.newBuilder(address).GET();
      if (have > 0) {
        get.header("Range", "bytes=" + have + "-");
      }
      HttpResponse<InputStream> answer =
          send(HttpClient.Redirect.NORMAL, get.build(), HttpResponse.BodyHandlers.ofInputStream());
      boolean goesOn = answer.statusCode() == 206;
      try (InputStream in = answer.body()) {
        if (answer.statusCode() >= 300) {
          throw new IOException("the server answered " + answer.statusCode());
        }
        try (OutputStream out =
            Files.newOutputStream(
                part,
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                goesOn ? StandardOpenOption.APPEND : StandardOpenOption.TRUNCATE_EXISTING)) {
          in.transferTo(out);
        }
      }
    }
    verify(version, part);
  }

  private void verify(Version version, Path part) throws IOException {
    long size = Files.size(part);
    if (version.size() >= 0 && size < version.size()) {
      throw new IOException(
          "the connection ended after " + size + " of " + version.size() + " bytes; try again");
    }
    String expected = version.etag();
    String found =
        switch (expected.matches("[0-9a-f]+") ? expected.length() : 0) {
          case 64 -> digest("SHA-256", "", part);
          case 40 -> digest("SHA-1", "blob " + size + "\0", part);
          default -> expected; // no checksum that we know
        };
    if (!found.equals(expected)) {
      Files.delete(part);
      throw new IOException(
          "the content's checksum must be " + expected + ", found " + found + "; try again");
    }
  }

  private static String digest(String algorithm, String before, Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      MessageDigest digest = MessageDigest.getInstance(algorithm);
      digest.update(before.getBytes(StandardCharsets.ISO_8859_1));
      byte[] buffer = new byte[1 << 16];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has " + algorithm, e);
    }
  }

  private static <T> HttpResponse<T> send(
      HttpClient.Redirect redirect, HttpRequest request, HttpResponse.BodyHandler<T> body)
      throws IOException {
    HttpClient client =
        HttpClient.newBuilder().followRedirects(redirect).connectTimeout(PATIENCE).build();
    try {
      return client.send(request, body);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
