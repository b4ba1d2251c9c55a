package org.apache.kafka.clients.producer.internals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/** Plays scripts from standard input: a command a line in, a line of state out. "config" begins anew. */
public final class Playback {
    private Playback() { }

    public static void play(Function<JsonNode, PlayedScript> begin) throws Exception {
        ObjectMapper mapper = new ObjectMapper();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8)) {
            PlayedScript script = null;
            int number = 0;
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                number++;
                if (line.isBlank() || line.startsWith("#"))
                    continue;
                JsonNode command = mapper.readTree(line);
                Map<String, Object> answer = new LinkedHashMap<>();
                answer.put("n", number);
                answer.put("op", command.get("op").asText());
                if (command.get("op").asText().equals("config")) {
                    if (script != null)
                        script.close();
                    script = begin.apply(command);
                }
                try {
                    script.run(command, answer);
                } catch (Exception e) {
                    answer.put("error", script.describe(e));
                }
                script.showState(answer);
                out.println(mapper.writeValueAsString(answer));
            }
        }
    }
}
