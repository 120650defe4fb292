using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using Router.Core.Wire;

namespace Router.Tests.Wire;

/// <summary>There is one limit to how deep JSON may nest. A reader with another, the default of 64 among them, fails on what the first reader let pass.</summary>
public sealed partial class OneDepthTests
{
    [Theory]
    [InlineData(128, true)]
    [InlineData(129, false)]
    public void A_body_is_read_up_to_the_limit_and_refused_beyond_it_by_name(int depth, bool taken)
    {
        byte[] body = Encoding.UTF8.GetBytes($"{{\"a\":{new string('[', depth - 1)}{new string(']', depth - 1)}}}");
        Assert.Equal(taken, JsonObject.TryParse(body, out _));
        Assert.Equal(!taken, JsonDepth.IsExceeded(body));
        if (!taken)
        {
            Assert.Contains("deeper than 128 levels", Assert.Throws<JsonObjectException>(() => JsonObject.Parse(body)).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("[[")]
    [InlineData("{\"a\":[}")]
    [InlineData("nope")]
    public void What_is_broken_is_not_called_too_deep(string text) => Assert.False(JsonDepth.IsExceeded(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Every_reader_and_writer_of_the_product_has_that_limit()
    {
        List<string> without = [];
        foreach (string file in Sources())
        {
            string text = File.ReadAllText(file);
            if (text.Contains(": JsonSerializerContext", StringComparison.Ordinal) && !text.Contains("JsonSourceGenerationOptions(MaxDepth = JsonDepth.Most)", StringComparison.Ordinal))
            {
                without.Add($"{file}: a serializer context");
            }

            without.AddRange(text.Split('\n').Where(line => Reads().IsMatch(line) && !line.Contains("JsonDepth.", StringComparison.Ordinal)).Select(line => $"{file}: {line.Trim()}"));
            without.AddRange(text.Split('\n').Where(line => line.Contains("WriteRawValue(", StringComparison.Ordinal) && !line.Contains("skipInputValidation: true", StringComparison.Ordinal)).Select(line => $"{file}: {line.Trim()}"));
        }

        Assert.True(without.Count == 0, string.Join('\n', without));
    }

    private static IEnumerable<string> Sources([CallerFilePath] string here = "")
    {
        string root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));
        string[] files = [.. from project in (string[])["Router.Core", "Router.Api", "Router.Worker", "Router.ServiceDefaults"]
                             from file in Directory.EnumerateFiles(Path.Combine(root, project), "*.cs", SearchOption.AllDirectories)
                             where !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal) && Path.GetFileName(file) != "JsonDepth.cs"
                             select file];
        Assert.True(files.Length > 300, $"{files.Length} files below {root}.");
        return files;
    }

    /// <summary>A reader made of text that is not written right there.</summary>
    [GeneratedRegex("""(?:JsonDocument|JsonNode|JsonElement)\.Parse(?:Async)?\((?!"|[^"]*\? ")|new Utf8JsonReader\(|new JsonReaderOptions|new JsonDocumentOptions|new JsonSerializerOptions|JsonSerializerOptions \w+ = new\(""")]
    private static partial Regex Reads();
}
