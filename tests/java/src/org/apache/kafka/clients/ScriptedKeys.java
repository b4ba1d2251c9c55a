package org.apache.kafka.clients;

import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelectionKey;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * java.nio's selector over scripted sockets. Its keys are handled in a known order: first those that the last select left
 * something to do for, then the others as something happened to them.
 */
final class ScriptedKeys extends AbstractSelector {
    private static final class Key extends AbstractSelectionKey {
        private final ScriptedKeys selector;
        private final ScriptedSocket socket;
        private int interest;
        private int ready = 0;

        Key(ScriptedKeys selector, ScriptedSocket socket, int interest) {
            this.selector = selector;
            this.socket = socket;
            this.interest = interest;
        }

        @Override
        public SelectableChannel channel() {
            return socket;
        }

        @Override
        public Selector selector() {
            return selector;
        }

        @Override
        public int interestOps() {
            return interest;
        }

        @Override
        public SelectionKey interestOps(int ops) {
            interest = ops;
            return this;
        }

        @Override
        public int readyOps() {
            return ready;
        }
    }

    private final ScriptedSockets network;
    private final Set<SelectionKey> keys = new LinkedHashSet<>();
    private final Set<SelectionKey> selected = new LinkedHashSet<>();
    private List<SelectionKey> lastSelected = new ArrayList<>();

    ScriptedKeys(SelectorProvider provider, ScriptedSockets network) {
        super(provider);
        this.network = network;
    }

    @Override
    protected SelectionKey register(AbstractSelectableChannel channel, int interest, Object attachment) {
        Key key = new Key(this, (ScriptedSocket) channel, interest);
        key.attach(attachment);
        keys.add(key);
        return key;
    }

    @Override
    public Set<SelectionKey> keys() {
        return keys;
    }

    @Override
    public Set<SelectionKey> selectedKeys() {
        return selected;
    }

    @Override
    public int select(long timeout) {
        for (SelectionKey key : cancelledKeys()) {
            keys.remove(key);
            deregister((AbstractSelectionKey) key);
        }
        cancelledKeys().clear();
        // What the last poll left of its room to write is no event of this one.
        for (SelectionKey key : keys)
            ((Key) key).socket.allowToWrite(0);
        Set<SelectionKey> inOrder = new LinkedHashSet<>();
        for (SelectionKey key : lastSelected) {
            if (isReady(key))
                inOrder.add(key);
        }
        inOrder.addAll(network.select(timeout));
        selected.clear();
        for (SelectionKey key : inOrder) {
            if (isReady(key))
                selected.add(key);
        }
        lastSelected = new ArrayList<>(selected);
        return selected.size();
    }

    private static boolean isReady(SelectionKey key) {
        if (!key.isValid())
            return false;
        Key own = (Key) key;
        own.ready = own.socket.readyOps() & own.interest;
        return own.ready != 0;
    }

    @Override
    public int selectNow() {
        return select(0);
    }

    @Override
    public int select() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Selector wakeup() {
        return this;
    }

    @Override
    protected void implCloseSelector() { }
}
