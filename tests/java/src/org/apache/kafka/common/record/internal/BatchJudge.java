package org.apache.kafka.common.record.internal;

import com.fasterxml.jackson.databind.ObjectMapper;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Builds and reads record batches with kafka-clients; batch_twin does the same. "build FILE" builds each scripted batch
 * of standard input into the file, "read FILE" says what is in each batch of a file. In a file each batch stands behind
 * its size, four bytes, the highest first; a batch without records has none.
 */
public final class BatchJudge {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private BatchJudge() { }

    public static void main(String[] arguments) throws IOException {
        try (PrintStream out = new PrintStream(new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16), false, StandardCharsets.UTF_8)) {
            if (arguments[0].equals("build"))
                build(Path.of(arguments[1]), out);
            else
                read(Path.of(arguments[1]), out);
        }
    }

    private static void build(Path path, PrintStream out) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (DataOutputStream file = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(path)))) {
            int number = 0;
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                ScriptedBatch batch = new ScriptedBatch(MAPPER.readTree(line));
                byte[] bytes = batch.build();
                file.writeInt(bytes.length);
                file.write(bytes);
                Map<String, Object> facts = batch.expectedListing();
                facts.put("estimates", batch.estimates);
                say(out, ++number, facts);
            }
        }
    }

    private static void read(Path path, PrintStream out) throws IOException {
        try (DataInputStream file = new DataInputStream(new BufferedInputStream(Files.newInputStream(path)))) {
            for (int number = 1; ; number++) {
                int size;
                try {
                    size = file.readInt();
                } catch (EOFException end) {
                    return;
                }
                say(out, number, BatchListing.of(file.readNBytes(size)));
            }
        }
    }

    private static void say(PrintStream out, int number, Map<String, Object> facts) throws IOException {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("n", number);
        line.putAll(facts);
        out.println(MAPPER.writeValueAsString(line));
    }
}
