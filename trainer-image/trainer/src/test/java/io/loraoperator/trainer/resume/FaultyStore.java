package io.loraoperator.trainer.resume;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Stands between a trainer and its object store and does what networks and stores do. A signature
 * covers the name of the host that was asked, which is this one's, so what passes is left as it is.
 */
final class FaultyStore implements AutoCloseable {

  /** What happens to requests. */
  enum Mode {
    /** They pass. */
    SOUND,
    /** Connections are cut as they come. */
    AWAY,
    /** Uploads of more than some kilobytes are cut in the middle. */
    CUT,
    /** Bytes pass slowly. */
    SLOW,
    /** The store answers 503. */
    BUSY,
    /** The store answers that the token has expired. */
    EXPIRED,
    /** The store answers that the clocks differ. */
    SKEWED
  }

  private static final int CUT_AFTER = 20_000;
  private static final int BUFFER = 4096;
  private static final int SLOW_MILLIS = 20;
  private static final Pattern LENGTH =
      Pattern.compile("\r\ncontent-length: *(\\d+)", Pattern.CASE_INSENSITIVE);

  private final ServerSocket server;
  private final URI store;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger struck = new AtomicInteger();
  private volatile Mode mode = Mode.SOUND;

  FaultyStore(String store) throws IOException {
    this.store = URI.create(store);
    this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  String endpoint() {
    return "http://127.0.0.1:" + server.getLocalPort();
  }

  /** Changes what happens, also to connections that are open. */
  void mode(Mode wanted) {
    if (mode != wanted) {
      mode = wanted;
      open.forEach(FaultyStore::close);
    }
  }

  /** How many connections met the fault. */
  int struck() {
    return struck.get();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        open.add(client);
        Thread.ofVirtual().start(() -> serve(client));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      Mode now = mode;
      if (now != Mode.SOUND) {
        struck.incrementAndGet();
      }
      switch (now) {
        case AWAY -> {}
        case BUSY -> answer(client, 503, "SlowDown");
        case EXPIRED -> answer(client, 403, "ExpiredToken");
        case SKEWED -> answer(client, 403, "RequestTimeTooSkewed");
        case SOUND, CUT, SLOW -> pass(client, now);
      }
    } catch (IOException e) {
      // One of the two ends has gone, which is what this is for.
    } finally {
      open.remove(client);
    }
  }

  private void pass(Socket client, Mode now) throws IOException {
    try (Socket upstream = new Socket(store.getHost(), store.getPort())) {
      open.add(upstream);
      Thread back =
          Thread.ofVirtual()
              .start(() -> copy(upstream, client, Integer.MAX_VALUE, now == Mode.SLOW));
      copy(client, upstream, now == Mode.CUT ? CUT_AFTER : Integer.MAX_VALUE, now == Mode.SLOW);
      open.remove(upstream);
      back.interrupt();
    }
  }

  private static void copy(Socket from, Socket to, int most, boolean slowly) {
    byte[] buffer = new byte[BUFFER];
    int left = most;
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int n = in.read(buffer); n >= 0 && left > 0; n = in.read(buffer)) {
        if (slowly) {
          Thread.sleep(SLOW_MILLIS);
        }
        out.write(buffer, 0, Math.min(n, left));
        out.flush();
        left -= n;
      }
    } catch (IOException e) {
      // As above.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    close(from);
    close(to);
  }

  /** Takes one request and answers it as S3 does. */
  private static void answer(Socket client, int status, String code) throws IOException {
    InputStream in = client.getInputStream();
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        return;
      }
      head.append((char) next);
    }
    Matcher length = LENGTH.matcher(head);
    if (length.find()) {
      in.skipNBytes(Long.parseLong(length.group(1)));
    }
    String body =
        head.indexOf("HEAD ") == 0
            ? ""
            : "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>%s</Code><Message>as it happens</Message></Error>"
                .formatted(code);
    client
        .getOutputStream()
        .write(
            String.format(
                    Locale.ROOT,
                    "HTTP/1.1 %d x\r\nContent-Type: application/xml\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
                    status,
                    body.length(),
                    body)
                .getBytes(StandardCharsets.US_ASCII));
    client.getOutputStream().flush();
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // It was closed before.
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    open.forEach(FaultyStore::close);
  }
}
