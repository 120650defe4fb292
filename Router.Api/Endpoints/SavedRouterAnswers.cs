using System.Text;
using System.Text.Json;
using Router.Core.Keys;
using Router.Core.Routing.SavedRouters;
using Router.Core.Wire;

namespace Router.Api.Endpoints;

/// <summary>What the saved routers' endpoints answer, in the original's shapes.</summary>
internal static class SavedRouterAnswers
{
    public static IResult Router(SavedRouterRecord record) => Json(writer => Write(writer, record));

    /// <summary>A long-running operation that has finished already.</summary>
    public static IResult Operation(SavedRouterRecord record) => Json(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("name", $"operations/{record.Id:N}-{record.Revision}");
        writer.WriteBoolean("done", true);
        writer.WritePropertyName("response");
        Write(writer, record);
        writer.WriteEndObject();
    });

    /// <param name="next">The token of the page after this; null on the last.</param>
    public static IResult List(IEnumerable<SavedRouterRecord> records, string? next, int total) => Json(writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartArray("routers");
        foreach (SavedRouterRecord record in records)
        {
            Write(writer, record);
        }

        writer.WriteEndArray();
        writer.WriteString("nextPageToken", next ?? "");
        writer.WriteNumber("totalSize", total);
        writer.WriteEndObject();
    });

    public static IResult Nothing() => Json(writer =>
    {
        writer.WriteStartObject();
        writer.WriteEndObject();
    });

    /// <summary>The router; or what is stored, with what is wrong with it.</summary>
    private static void Write(Utf8JsonWriter writer, SavedRouterRecord record)
    {
        SavedRouterReading reading = SavedRouterReader.Read(Encoding.UTF8.GetBytes(record.Definition));
        if (reading.Router is { } router)
        {
            SavedRouterWriter.Write(writer, router);
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("name", record.Name);
        writer.WritePropertyName("definition");
        writer.WriteRawValue(record.Definition, skipInputValidation: true);
        writer.WriteStartObject("error");
        writer.WriteString("message", reading.Describe());
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static IResult Json(Action<Utf8JsonWriter> write) => Results.Bytes(JsonText.Write(write), "application/json");
}
