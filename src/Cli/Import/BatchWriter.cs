using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using Auie.Client.Http;

namespace Auie.Cli.Import;

/// <summary>Writes events as the JSON of batches, and has each batch sent when it is full. Ids go from numbers to bytes without a text between.</summary>
internal sealed class BatchWriter : IDisposable
{
    /// <summary>An instant that says that nobody knows when.</summary>
    public static readonly DateTimeOffset Undated = new(1900, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The most bytes that a batch may be asked to have: with the longest event behind them they fit in the 8 MB that the engine takes.</summary>
    public const int LargestBytes = 7 << 20;

    // What is about one user or item goes together up to this many batches' bytes.
    private const int LargestTogether = 4;
    private const int LongestId = 20;

    private readonly BulkSender _sender;
    private readonly Func<HttpContent, CancellationToken, Task<ImportReceipt>> _send;
    private readonly string _member;
    private readonly int _batchBytes, _togetherBytes;
    private readonly Utf8JsonWriter _json;
    private ArrayBufferWriter<byte> _body;
    private long _facts, _events;

    /// <param name="member">The batch's member that holds the events.</param>
    public BatchWriter(BulkSender sender, string member, int batchBytes, Func<HttpContent, CancellationToken, Task<ImportReceipt>> send)
    {
        _sender = sender;
        _member = member;
        _batchBytes = batchBytes;
        _togetherBytes = (int)Math.Min((long)LargestTogether * batchBytes, LargestBytes);
        _send = send;
        _body = sender.Rent();
        // Nothing here ends in HTML.
        _json = new Utf8JsonWriter(_body, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });
        Begin();
    }

    public Utf8JsonWriter Json => _json;

    private long Written => _json.BytesPending + _body.WrittenCount;

    /// <summary>Begins an event: whom or what it is about and when.</summary>
    public void BeginEvent(ReadOnlySpan<byte> subject, ulong id, string messageId, DateTimeOffset at)
    {
        _json.WriteStartObject();
        _json.WritePropertyName(subject);
        Id(id);
        _json.WriteString("messageId"u8, messageId);
        _json.WriteString("at"u8, at);
    }

    public async ValueTask EndEvent()
    {
        _json.WriteEndObject();
        _events++;
        if (Written >= _togetherBytes) await Send();
    }

    /// <summary>Everything about one user or item is written, which were so many facts.</summary>
    public ValueTask EndSubject(long facts)
    {
        _facts += facts;
        return Written >= _batchBytes ? Send() : ValueTask.CompletedTask;
    }

    /// <summary>Sends what is left, and waits until everything is answered.</summary>
    public async Task Finish()
    {
        if (_events > 0) await Send();
        else _sender.Count(_facts);
        await _sender.Finish();
    }

    public void Id(ReadOnlySpan<byte> name, ulong id)
    {
        _json.WritePropertyName(name);
        Id(id);
    }

    public void Ids(string name, IEnumerable<ulong> ids)
    {
        _json.WriteStartArray(name);
        foreach (var id in ids) Id(id);
        _json.WriteEndArray();
    }

    public void Dispose() => _json.Dispose();

    private void Id(ulong id)
    {
        Span<byte> text = stackalloc byte[LongestId];
        Utf8Formatter.TryFormat(id, text, out var length);
        _json.WriteStringValue(text[..length]);
    }

    private void Begin()
    {
        _json.WriteStartObject();
        _json.WriteStartArray(_member);
    }

    private async ValueTask Send()
    {
        _json.WriteEndArray();
        _json.WriteEndObject();
        _json.Flush();
        await _sender.Post(_body, _facts, _send);
        _body = _sender.Rent();
        (_facts, _events) = (0, 0);
        _json.Reset(_body);
        Begin();
    }
}
