using System.Net;
using System.Text;
using Microsoft.Extensions.AI;
using Router.Core.Providers;
using Router.Core.Providers.Anthropic;

namespace Router.Tests.Dialects.Anthropic;

/// <summary>Text is read in passing; every other event as a document.</summary>
public sealed class AnthropicStreamTests
{
    [Theory]
    [InlineData("""{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}""", "Hi")]
    [InlineData("""{"delta":{"text":"a\u00e4\n","new":[{"type":"x"}],"type":"text_delta"},"index":0,"type":"content_block_delta"}""", "aä\n")]
    [InlineData("""{"type":"content_block_delta","index":0,"delta":{"type":"text_d\u0065lta","text":"Hi"}}""", "Hi")]
    [InlineData("""{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":""}}""", null)]
    [InlineData("""{"type":"content_block_delta","index":0,"delta":{"type":"text_delta"}}""", null)]
    [InlineData("""{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":7}}""", null)]
    [InlineData("""{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\ud83d"}}""", "\ufffd")]
    [InlineData("""{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm","text":"no"}}""", "[hm]")]
    [InlineData("""{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","type":"text_delta","text":"last"}}""", "last")]
    [InlineData("""{"type":"content_block_delta","index":0,"delta":{"type":"new_delta","text":"no"}}""", null)]
    [InlineData("""{"type":"content_block_delta","index":0,"delta":{"type":7,"text":"no"}}""", null)]
    [InlineData("""{"type":"content_block_delta","index":0,"delta":{"text":"no"}}""", null)]
    [InlineData("""{"type":"content_block_delta","index":0,"delta":"text_delta"}""", null)]
    [InlineData("""{"type":"message_delta","delta":{"type":"text_delta","text":"no"}}""", null)]
    [InlineData("""{"type":"ping"}""", null)]
    public void An_event_says_what_it_says_however_it_is_written(string json, string? expected)
    {
        using var http = new HttpResponseMessage(HttpStatusCode.OK);
        var stream = new AnthropicStream(http, ProviderTable.All.Single(provider => provider.Slug == "anthropic"), null, null, byTool: false);
        AIContent? content = stream.Read(Encoding.UTF8.GetBytes(json))?.Contents.Single();
        Assert.Equal(expected, content switch
        {
            null => null,
            TextContent text => text.Text,
            TextReasoningContent thought => $"[{thought.Text}]",
            _ => content.GetType().Name,
        });
    }
}
