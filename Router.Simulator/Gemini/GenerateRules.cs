using System.Text.Json.Nodes;
using Router.Simulator.Wire;

namespace Router.Simulator.Gemini;

/// <summary>What the vendor refuses in a generateContent body: the first broken rule's message.</summary>
internal static class GenerateRules
{
    private static readonly HashSet<string> Fields = new(StringComparer.Ordinal)
    {
        "contents", "systemInstruction", "tools", "toolConfig", "generationConfig", "safetySettings", "cachedContent", "labels", "serviceTier", "model",
    };

    private static readonly HashSet<string> ConfigFields = new(StringComparer.Ordinal)
    {
        "maxOutputTokens", "temperature", "topP", "topK", "stopSequences", "candidateCount", "seed", "presencePenalty", "frequencyPenalty",
        "responseLogprobs", "logprobs", "responseMimeType", "responseSchema", "responseJsonSchema", "responseModalities", "thinkingConfig",
        "speechConfig", "mediaResolution", "imageConfig",
    };

    /// <summary>Keywords of JSON Schema that the OpenAPI subset does not know.</summary>
    private static readonly string[] NotInSubset = ["$ref", "$defs", "$schema", "additionalProperties", "const", "oneOf", "allOf", "not"];

    public static string? Broken(JsonObject? body, string key, string model)
    {
        if (body is null)
            return "Invalid JSON payload received. Expected an object.";
        if (Unknown(body, Fields, "") is { } unknown)
            return unknown;
        var contents = GenerateRequest.Contents(body);
        if (contents.Count == 0)
            return "* GenerateContentRequest.contents: contents is not specified";
        for (var i = 0; i < contents.Count; i++)
        {
            if (contents[i].Str("role") is not ("user" or "model" or null))
                return "Please use a valid role: user, model.";
            if (!GenerateRequest.Parts(contents[i]).Any() || GenerateRequest.Parts(contents[i]).Any(p => p.Count == 0))
                return $"* GenerateContentRequest.contents[{i}].parts: contents.parts must not be empty.";
        }

        return Config(body.Obj("generationConfig")) ?? Tools(body) ?? FunctionTurns.Broken(contents, key, model);
    }

    private static string? Config(JsonObject? config)
    {
        if (config is null)
            return null;
        if (Unknown(config, ConfigFields, " at 'generation_config'") is { } unknown)
            return unknown;
        if (config.Has("responseSchema") && config.Has("responseJsonSchema"))
            return "Only one of response_schema and response_json_schema may be set.";
        if (config.Obj("thinkingConfig") is { } thinking && thinking.Has("thinkingBudget") && thinking.Has("thinkingLevel"))
            return "You can only set only one of thinking budget and thinking level.";
        if (config.Arr("stopSequences") is { Count: > 5 })
            return "The number of stop sequences must be at most 5.";
        return Subset(config["responseSchema"], "generation_config.response_schema");
    }

    private static string? Tools(JsonObject body)
    {
        foreach (var declaration in GenerateRequest.Declarations(body))
        {
            if (declaration.Has("parameters") && declaration.Has("parametersJsonSchema"))
                return "Only one of parameters and parameters_json_schema may be set.";
            if (Subset(declaration["parameters"], "tools[0].function_declarations[0].parameters") is { } problem)
                return problem;
        }

        return null;
    }

    private static string? Subset(JsonNode? schema, string at)
    {
        if (schema is not JsonObject node)
            return null;
        if (NotInSubset.FirstOrDefault(node.ContainsKey) is { } keyword)
            return Unknown(keyword, $" at '{at}'");
        if (node["type"] is JsonArray)
            return $"Invalid value at '{at}.type' (type): Proto field is not repeating, cannot start list.";
        var children = (node.Obj("properties") ?? []).Select(p => p.Value).Append(node["items"]).Concat(node.Arr("anyOf") ?? []);
        return children.Select(child => Subset(child, at)).FirstOrDefault(problem => problem is not null);
    }

    private static string? Unknown(JsonObject node, HashSet<string> known, string at) =>
        node.Select(p => p.Key).FirstOrDefault(name => !known.Contains(name)) is { } name ? Unknown(name, at) : null;

    private static string Unknown(string name, string at) => $"Invalid JSON payload received. Unknown name \"{name}\"{at}: Cannot find field.";
}
