package org.lorica.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.lorica.config.HubConfig;

/**
 * Files of {@code hf://} names, kept in a folder by repository and revision. A file is fetched
 * once, checked against the server's checksum, and moved into place whole; an interrupted download
 * goes on where it stopped. A revision that is a commit is never asked for again.
 */
public final class HubCache {
  private static final String WEIGHTS = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";
  private static final String PREFIX = "hf://";
  private static final Object ONE_AT_A_TIME = new Object(); // a file lock is per JVM

  private final HubConfig config;
  private final Path folder;

  public HubCache(HubConfig config) {
    this.config = config;
    this.folder =
        config
            .cache()
            .map(Path::of)
            .orElseGet(() -> Path.of(System.getProperty("user.home"), ".cache", "lorica", "hub"));
  }

  /** Whether a path is a hub name. */
  public static boolean names(String path) {
    return path.startsWith(PREFIX);
  }

  /** A data file's place on this machine; other paths stay as they are. */
  public String localFile(String path) {
    if (!names(path)) {
      return path;
    }
    HubName name = HubName.parse(path);
    String file =
        name.file()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        path + ": a data file must be named after the repository, /file"));
    return require(name, file).toString();
  }

  /** A model's folder on this machine, with all that is needed of it; other paths stay. */
  public Path localModel(String path) {
    if (!names(path)) {
      return Path.of(path);
    }
    HubName name = HubName.parse(path);
    if (name.file().isPresent()) {
      throw new IllegalArgumentException(
          path + ": model.path must name a repository, not a file in it");
    }
    Path config = require(name, "config.json");
    if (fetch(name, WEIGHTS).isEmpty()) {
      Path index =
          fetch(name, INDEX).orElseThrow(() -> missing(name, WEIGHTS + " (or " + INDEX + ")"));
      shards(index).forEach(shard -> require(name, shard));
    }
    if (fetch(name, "tokenizer.json").isEmpty()) {
      fetch(name, WordPieceFile.NAME);
      fetch(name, "tokenizer_config.json");
    }
    fetch(name, "preprocessor_config.json");
    return config.getParent();
  }

  private static SortedSet<String> shards(Path index) {
    SortedSet<String> shards = new TreeSet<>();
    try {
      JsonNode map = new ObjectMapper().readTree(Files.readString(index)).path("weight_map");
      map.forEach(shard -> shards.add(shard.asText()));
    } catch (IOException e) {
      throw new UncheckedIOException(index + ": " + e.getMessage(), e);
    }
    for (String shard : shards) {
      if (!shard.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
        throw new IllegalArgumentException(
            index + ": weight_map: expected plain file names, found " + shard);
      }
    }
    return shards;
  }

  private Path require(HubName name, String file) {
    return fetch(name, file).orElseThrow(() -> missing(name, file));
  }

  private IllegalArgumentException missing(HubName name, String file) {
    Path place = folder.resolve(name.folder()).resolve(file);
    String where = name.repository() + " (revision " + name.revision() + ")";
    if (config.network() == HubConfig.Network.OFFLINE || config.endpoint().isEmpty()) {
      String why =
          config.network() == HubConfig.Network.OFFLINE
              ? "lorica.hub.offline = true"
              : "lorica.hub.endpoint is not set";
      return new IllegalArgumentException(
          why
              + " and "
              + place
              + " is not there: put "
              + file
              + " of "
              + where
              + " in that place, or let it be fetched with --set hub.endpoint=ADDRESS");
    }
    return new IllegalArgumentException(
        config.endpoint().get() + ": " + where + " has no file " + file);
  }

  /** A file's place on this machine; empty if the repository, or the cache offline, has none. */
  private Optional<Path> fetch(HubName name, String file) {
    Path place = folder.resolve(name.folder()).resolve(file);
    boolean here = Files.isRegularFile(place);
    boolean asks = config.network() == HubConfig.Network.ONLINE && config.endpoint().isPresent();
    if (!asks || (here && name.pinned())) {
      return here ? Optional.of(place) : Optional.empty();
    }
    synchronized (ONE_AT_A_TIME) {
      try {
        Files.createDirectories(place.getParent());
        Path lock = place.resolveSibling(place.getFileName() + ".lock");
        try (FileChannel channel =
            FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
          channel.lock(); // other JVMs wait; closing the channel lets go
          return update(name, file, place);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(
            config.endpoint().get()
                + ": cannot fetch "
                + file
                + " of "
                + name.repository()
                + ": "
                + (e.getMessage() == null ? e.toString() : e.getMessage())
                + "; lorica.hub.offline = true uses what "
                + folder
                + " holds",
            e);
      }
    }
  }

  private Optional<Path> update(HubName name, String file, Path place) throws IOException {
    HubDownload download =
        new HubDownload(
            config.endpoint().orElseThrow().replaceFirst("/+$", "")
                + "/"
                + name.repository()
                + "/resolve/"
                + name.revision()
                + "/"
                + file);
    Optional<HubDownload.Version> version = download.version();
    if (version.isEmpty()) {
      return Optional.empty();
    }
    Path tag = place.resolveSibling(place.getFileName() + ".etag");
    String current = version.get().etag();
    boolean same =
        Files.isRegularFile(place)
            && Files.isRegularFile(tag)
            && Files.readAllLines(tag).equals(List.of(current));
    if (!same) {
      Path part = place.resolveSibling(place.getFileName() + "." + version.get().key() + ".part");
      download.fetch(version.get(), part);
      Files.move(part, place, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
      Files.writeString(tag, current);
    }
    return Optional.of(place);
  }
}
