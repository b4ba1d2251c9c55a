package org.apache.kafka.clients;

import org.apache.kafka.common.network.TransferableChannel;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.zip.CRC32C;

/** A socket that takes as many bytes as it was allowed to and remembers their number and checksum. */
final class CollectingChannel implements TransferableChannel {
    private final CRC32C crc = new CRC32C();
    private long size = 0;
    private int allowed = 0;

    void allow(int bytes) {
        allowed = bytes;
    }

    long size() {
        return size;
    }

    long checksum() {
        return crc.getValue();
    }

    @Override
    public int write(ByteBuffer source) {
        int taken = Math.min(allowed, source.remaining());
        ByteBuffer part = source.duplicate();
        part.limit(part.position() + taken);
        crc.update(part);
        source.position(source.position() + taken);
        allowed -= taken;
        size += taken;
        return taken;
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) {
        long taken = 0;
        for (int i = offset; i < offset + length; i++)
            taken += write(sources[i]);
        return taken;
    }

    @Override
    public long write(ByteBuffer[] sources) {
        return write(sources, 0, sources.length);
    }

    @Override
    public boolean hasPendingWrites() {
        return false;
    }

    @Override
    public long transferFrom(FileChannel fileChannel, long position, long count) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() { }
}
