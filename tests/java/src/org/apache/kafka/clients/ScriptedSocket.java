package org.apache.kafka.clients;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.Set;

/**
 * A TCP connection without a network. What was received before its end can still be read, as on Linux; then reading
 * finds the end, or fails when the peer reset it. Writing takes as many bytes as the script allows, and fails after a reset.
 */
final class ScriptedSocket extends SocketChannel {
    private static final int LENGTH_BYTES = 4;

    private final ScriptedSockets network;
    private final Socket options = new SilentSocket();
    private InetSocketAddress address = null;
    private long number = 0;
    private boolean connectable = false;
    private boolean refused = false;
    private boolean established = false;
    private boolean connected = false;
    private boolean ended = false;
    private boolean reset = false;
    private int allowed = 0;
    private ByteBuffer arrived = ByteBuffer.allocate(0);
    private ByteBuffer underWay = ByteBuffer.allocate(0);
    private ByteArrayOutputStream written = new ByteArrayOutputStream();

    /** Takes options and does nothing with them. */
    private static final class SilentSocket extends Socket {
        @Override
        public void setKeepAlive(boolean on) { }

        @Override
        public void setTcpNoDelay(boolean on) { }

        @Override
        public void setSendBufferSize(int size) { }

        @Override
        public void setReceiveBufferSize(int size) { }

        @Override
        public int getSendBufferSize() {
            return 0;
        }

        @Override
        public int getReceiveBufferSize() {
            return 0;
        }

        @Override
        public int getSoTimeout() {
            return 0;
        }
    }

    ScriptedSocket(SelectorProvider provider, ScriptedSockets network) {
        super(provider);
        this.network = network;
    }

    // What the script does to it.

    long number() {
        return number;
    }

    InetSocketAddress address() {
        return address;
    }

    boolean wasRefused() {
        return refused;
    }

    /** The peer's end is open, whether or not the client knows. */
    boolean isEstablished() {
        return established;
    }

    boolean canBeRefused() {
        return !established && !refused;
    }

    boolean hasEnded() {
        return ended;
    }

    void establish() {
        established = true;
        connectable = true;
    }

    void refuse() {
        refused = true;
        connectable = true;
    }

    void endWith(boolean withReset) {
        ended = true;
        reset = withReset;
    }

    void allowToWrite(int bytes) {
        allowed = bytes;
    }

    /** Bytes that the peer sends; they arrive with arrive. */
    void send(ByteBuffer frame) {
        underWay = joined(underWay, frame);
    }

    void arrive(int bytes) {
        ByteBuffer next = underWay.slice();
        next.limit(Math.min(bytes, next.limit()));
        underWay.position(underWay.position() + next.limit());
        arrived = joined(arrived, next);
    }

    private static ByteBuffer joined(ByteBuffer first, ByteBuffer second) {
        ByteBuffer all = ByteBuffer.allocate(first.remaining() + second.remaining());
        all.put(first).put(second.duplicate()).flip();
        return all;
    }

    /** What a select would find. */
    int readyOps() {
        int ops = connectable ? SelectionKey.OP_CONNECT : 0;
        if (arrived.hasRemaining() || ended)
            ops |= SelectionKey.OP_READ;
        return allowed > 0 || reset ? ops | SelectionKey.OP_WRITE : ops;
    }

    // What Kafka does with it.

    @Override
    public boolean connect(SocketAddress remote) {
        address = (InetSocketAddress) remote;
        number = network.connecting(this);
        return false;
    }

    @Override
    public boolean finishConnect() throws IOException {
        if (refused || reset)
            throw new ConnectException("refused, or reset before it was known to stand");
        connectable = false;
        connected = established;
        return connected;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        if (!into.hasRemaining())
            return 0;
        if (!arrived.hasRemaining()) {
            if (reset)
                throw new IOException("Connection reset");
            return ended ? -1 : 0;
        }
        ByteBuffer part = arrived.slice();
        part.limit(Math.min(part.limit(), into.remaining()));
        arrived.position(arrived.position() + part.limit());
        into.put(part);
        return part.limit();
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        if (reset)
            throw new IOException("Broken pipe");
        int before = allowed;
        for (int i = offset; i < offset + length; i++) {
            for (; allowed > 0 && sources[i].hasRemaining(); allowed--)
                written.write(sources[i].get());
        }
        byte[] frame = written.toByteArray();
        if (frame.length > LENGTH_BYTES && frame.length == LENGTH_BYTES + ByteBuffer.wrap(frame).getInt()) {
            network.sent(this, frame);
            written = new ByteArrayOutputStream();
        }
        return before - allowed;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        return (int) write(new ByteBuffer[] {source}, 0, 1);
    }

    @Override
    public long read(ByteBuffer[] into, int offset, int length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isConnected() {
        return connected;
    }

    @Override
    public boolean isConnectionPending() {
        return !connected;
    }

    @Override
    public Socket socket() {
        return options;
    }

    @Override
    public SocketAddress getRemoteAddress() {
        return address;
    }

    @Override
    public SocketAddress getLocalAddress() {
        return null;
    }

    @Override
    protected void implCloseSelectableChannel() {
        network.closed(this);
    }

    @Override
    protected void implConfigureBlocking(boolean block) { }

    @Override
    public SocketChannel bind(SocketAddress local) {
        throw new UnsupportedOperationException();
    }

    @Override
    public <T> SocketChannel setOption(SocketOption<T> name, T value) {
        throw new UnsupportedOperationException();
    }

    @Override
    public <T> T getOption(SocketOption<T> name) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return Set.of();
    }

    @Override
    public SocketChannel shutdownInput() {
        throw new UnsupportedOperationException();
    }

    @Override
    public SocketChannel shutdownOutput() {
        throw new UnsupportedOperationException();
    }
}
