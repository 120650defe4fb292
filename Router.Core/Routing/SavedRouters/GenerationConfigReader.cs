using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Router.Core.Wire;

namespace Router.Core.Routing.SavedRouters;

/// <summary>
/// Reads generation parameters into the members of a request that say the same. A name that is not known here is a
/// provider's own and goes into the request as it stands.
/// </summary>
internal static class GenerationConfigReader
{
    private static readonly ImmutableArray<string> OutputLimits = ["max_tokens", "max_completion_tokens"];
    private static readonly ImmutableArray<string> Efforts = ["reasoning_effort", "reasoning"];

    private static readonly Dictionary<string, GenerationParameter> Known = new GenerationParameter[]
    {
        new("temperature", GenerationValues.Number),
        new("top_p", GenerationValues.Number),
        new("top_k", GenerationValues.Whole),
        new("frequency_penalty", GenerationValues.Number),
        new("presence_penalty", GenerationValues.Number),
        new("repetition_penalty", GenerationValues.Number),
        new("seed", GenerationValues.Whole),
        new("max_tokens", GenerationValues.Count) { UnlessGiven = OutputLimits },
        new("max_new_tokens", GenerationValues.Count) { Request = "max_tokens", UnlessGiven = OutputLimits },
        new("max_completion_tokens", GenerationValues.Count) { UnlessGiven = OutputLimits },
        new("stop", GenerationValues.Stops),
        new("stop_sequences", GenerationValues.Stops) { Request = "stop" },
        new("reasoning_effort", GenerationValues.Effort) { UnlessGiven = Efforts },
        new("response_format", GenerationValues.Object),
        new("logit_bias", GenerationValues.Biases),
    }.ToDictionary(parameter => LooseName.Of(parameter.Name), StringComparer.Ordinal);

    /// <summary>Members of a request that are no generation parameters.</summary>
    private static readonly FrozenSet<string> Refused = new[]
    {
        "model", "model_id", "messages", "stream", "stream_options", "user", "metadata", "prompt_variables", "models", "ignore", "sort",
        "provider", "provider_credentials", "fallback", "byok_only", "strict", "extra_body",
    }.Select(LooseName.Of).ToFrozenSet(StringComparer.Ordinal);

    public static GenerationConfig Read(MemberReader members, List<string> withoutEffect)
    {
        var written = ImmutableArray.CreateBuilder<KeyValuePair<string, JsonElement>>();
        var request = ImmutableArray.CreateBuilder<RequestMember>();
        foreach (GenerationParameter parameter in Known.Values)
        {
            if (members.Take(parameter.Name) is { } value)
            {
                written.Add(KeyValuePair.Create(parameter.Name, value));
                Add(members, request, parameter, value);
            }
        }

        if (members.Take("reasoning") is { } reasoning)
        {
            written.Add(KeyValuePair.Create("reasoning", reasoning));
            var inner = new MemberReader(reasoning, members.PathOf("reasoning"), members.Problems);
            if (inner.Take("effort") is { } effort)
            {
                Add(inner, request, new GenerationParameter("effort", GenerationValues.Effort) { Request = "reasoning_effort", UnlessGiven = Efforts }, effort);
            }

            inner.Rest(withoutEffect);
        }

        foreach ((string name, JsonElement value) in members.Rest())
        {
            if (Refused.Contains(LooseName.Of(name)))
            {
                members.Problem(name, "is no generation parameter.");
                continue;
            }

            written.Add(KeyValuePair.Create(name, value));
            request.Add(new RequestMember(name, [name], Encoding.UTF8.GetBytes(value.GetRawText())));
        }

        return new GenerationConfig(written.ToImmutable(), request.ToImmutable());
    }

    private static void Add(MemberReader members, ImmutableArray<RequestMember>.Builder request, GenerationParameter parameter, JsonElement value)
    {
        if (parameter.Read(value) is not { } json)
        {
            members.Problem(parameter.Name, $"must be {GenerationValues.Name(parameter.Read)}.");
            return;
        }

        string name = parameter.Request ?? parameter.Name;
        ImmutableArray<string> unless = parameter.UnlessGiven.IsDefault ? [name] : parameter.UnlessGiven;
        if (request.Any(other => other.UnlessGiven.Contains(name)))
        {
            members.Problem(parameter.Name, "is given twice, under different names.");
        }
        else if (!json.IsEmpty)
        {
            request.Add(new RequestMember(name, unless, json));
        }
    }
}
