using System.Text;
using Google.Protobuf;

namespace Router.Tests.EndToEnd;

/// <summary>A span as it was exported.</summary>
public sealed record ExportedSpan(string Service, string Instance, string Scope, string TraceId, string SpanId, string ParentId, string Name, int Kind, IReadOnlyDictionary<string, string> Tags, IReadOnlyList<string> LinkedTraces, IReadOnlyList<string> Events)
{
    public override string ToString() => $"{Service}: {Name} [{string.Join(", ", Tags.Select(tag => $"{tag.Key}={tag.Value}"))}]";
}

/// <summary>Reads OTLP trace exports: just the fields the tests look at, by their numbers in the protocol.</summary>
internal static class OtlpMessages
{
    public static List<ExportedSpan> ReadTraces(byte[] request)
    {
        List<ExportedSpan> spans = [];
        foreach (ByteString resourceSpans in Messages(request, 1))
        {
            byte[] bytes = resourceSpans.ToByteArray();
            var resource = Messages(bytes, 1).SelectMany(message => Attributes(message.ToByteArray(), 1)).ToArray();
            string service = resource.FirstOrDefault(tag => tag.Key == "service.name").Value ?? "";
            string instance = resource.FirstOrDefault(tag => tag.Key == "service.instance.id").Value ?? "";
            foreach (ByteString scopeSpans in Messages(bytes, 2))
            {
                byte[] scoped = scopeSpans.ToByteArray();
                string scope = Messages(scoped, 1).SelectMany(message => Messages(message.ToByteArray(), 1)).Select(name => name.ToStringUtf8()).FirstOrDefault() ?? "";
                spans.AddRange(Messages(scoped, 2).Select(span => ReadSpan(service, instance, scope, span.ToByteArray())));
            }
        }

        return spans;
    }

    private static ExportedSpan ReadSpan(string service, string instance, string scope, byte[] span)
    {
        string Hex(int field) => Convert.ToHexStringLower(Messages(span, field).FirstOrDefault(ByteString.Empty).Span);
        return new ExportedSpan(
            service,
            instance,
            scope,
            Hex(1),
            Hex(2),
            Hex(4),
            Messages(span, 5).First().ToStringUtf8(),
            (int)Numbers(span, 6).FirstOrDefault(),
            Attributes(span, 9).DistinctBy(tag => tag.Key).ToDictionary(tag => tag.Key, tag => tag.Value),
            [.. Messages(span, 13).Select(link => Convert.ToHexStringLower(Messages(link.ToByteArray(), 1).First().Span))],
            [.. Messages(span, 11).Select(item => Messages(item.ToByteArray(), 2).First().ToStringUtf8())]);
    }

    private static IEnumerable<KeyValuePair<string, string>> Attributes(byte[] message, int field) =>
        Messages(message, field).Select(attribute =>
        {
            byte[] bytes = attribute.ToByteArray();
            return KeyValuePair.Create(Messages(bytes, 1).First().ToStringUtf8(), Messages(bytes, 2).Select(value => Value(value.ToByteArray())).FirstOrDefault() ?? "");
        });

    private static string Value(byte[] any)
    {
        var input = new CodedInputStream(any);
        uint tag = input.ReadTag();
        return WireFormat.GetTagFieldNumber(tag) switch
        {
            1 => input.ReadString(),
            2 => input.ReadBool() ? "true" : "false",
            3 => input.ReadInt64().ToString(System.Globalization.CultureInfo.InvariantCulture),
            4 => input.ReadDouble().ToString(System.Globalization.CultureInfo.InvariantCulture),
            5 => string.Join(',', Messages(input.ReadBytes().ToByteArray(), 1).Select(item => Value(item.ToByteArray()))),
            _ => "",
        };
    }

    private static IEnumerable<ByteString> Messages(byte[] message, int field)
    {
        var input = new CodedInputStream(message);
        while (input.ReadTag() is not 0 and uint tag)
        {
            if (WireFormat.GetTagFieldNumber(tag) == field && WireFormat.GetTagWireType(tag) == WireFormat.WireType.LengthDelimited)
            {
                yield return input.ReadBytes();
            }
            else
            {
                input.SkipLastField();
            }
        }
    }

    private static IEnumerable<ulong> Numbers(byte[] message, int field)
    {
        var input = new CodedInputStream(message);
        while (input.ReadTag() is not 0 and uint tag)
        {
            if (WireFormat.GetTagFieldNumber(tag) == field && WireFormat.GetTagWireType(tag) == WireFormat.WireType.Varint)
            {
                yield return input.ReadUInt64();
            }
            else
            {
                input.SkipLastField();
            }
        }
    }
}
