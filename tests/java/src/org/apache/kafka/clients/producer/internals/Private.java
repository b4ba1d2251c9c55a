package org.apache.kafka.clients.producer.internals;

import java.lang.reflect.Field;

/** Fields that Kafka's classes do not show. */
public final class Private {
    private Private() { }

    public static Object get(Class<?> owner, Object object, String name) {
        try {
            Field field = owner.getDeclaredField(name);
            field.setAccessible(true);
            return field.get(object);
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(owner + " has no field " + name, e);
        }
    }

    public static void set(Class<?> owner, Object object, String name, Object value) {
        try {
            Field field = owner.getDeclaredField(name);
            field.setAccessible(true);
            field.set(object, value);
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(owner + " has no field " + name, e);
        }
    }
}
