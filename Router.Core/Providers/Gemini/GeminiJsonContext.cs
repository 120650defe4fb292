using System.Text.Json;
using System.Text.Json.Serialization;
using Router.Core.Wire;

namespace Router.Core.Providers.Gemini;

[JsonSourceGenerationOptions(MaxDepth = JsonDepth.Most)]
[JsonSerializable(typeof(Dictionary<string, object?>))]
[JsonSerializable(typeof(IDictionary<string, object?>))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(bool))]
[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(long))]
[JsonSerializable(typeof(double))]
internal sealed partial class GeminiJsonContext : JsonSerializerContext;
