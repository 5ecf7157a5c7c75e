using System.Text;

namespace Auie.Engine.Tests.Tracking;

/// <summary>Bodies as nobody should send them, drawn from a seed: random bytes, good bodies with something broken, and good shapes with wrong values.</summary>
internal sealed class Bodies(int seed)
{
    private static readonly string[] Nasty =
    [
        "null", "true", "false", "0", "-1", "-0", "1e999", "-1e999", "1e-999", "0.1", "79228162514264337593543950335", "\"\"", "\" \"", "\".\"", "\"..\"", "\"\\ud800\"", "\"\\udc00x\"", "\"\\u0000\"",
        "\"anonymous:\"", "\"anonymous:a\"", "\"2026-05-01T11:00:00Z\"", "\"0001-01-01T00:00:00Z\"", "\"9999-12-31T23:59:59.9999999+14:00\"", "\"1900-01-01T00:00:00Z\"", "\"2026-13-45\"",
        "\"Europe/Oslo\"", "\"../../etc/passwd\"", "\"en-US\"", "[]", "{}", "[null]", "[{}]", "[[],[]]", "{\"a\":{\"b\":{\"c\":[1,2,{\"d\":null}]}}}", "{\"\":1}", "{\"\\ud800\":1}",
        "{\"id\":1}", "[{\"id\":1,\"price\":1e28,\"quantity\":1e28}]", "[{\"product_id\":\"p\",\"price\":12.5,\"quantity\":2},7]", "{\"products\":[{\"id\":1},{\"id\":{}}]}",
        "{\"eventId\":\"e\",\"start\":\"2026-06-01\"}", "{\"friendIds\":[\"a\",1,\"u\"]}", "{\"tracking\":true,\"personalization\":1}", "{\"consent\":{\"categoryPreferences\":{\"tracking\":true}}}",
        "{\"device\":{\"type\":\"ios\"},\"os\":{\"name\":7},\"timezone\":\"Europe/Oslo\",\"locale\":\"nb-NO\"}", "{\"traits\":{\"birthday\":\"1984-02-30\",\"createdAt\":\"x\"}}",
    ];

    private static readonly string[] Members =
        ["type", "userId", "anonymousId", "messageId", "timestamp", "originalTimestamp", "sentAt", "event", "properties", "traits", "context", "channel", "groupId", "previousId", "integrations", "writeKey"];

    private static readonly string[] Types = ["\"identify\"", "\"track\"", "\"page\"", "\"screen\"", "\"group\"", "\"alias\""];

    private static readonly string[] Events =
        ["\"Order Completed\"", "\"Product List Viewed\"", "\"Product Viewed\"", "\"Event Joined\"", "\"Event Rescheduled\"", "\"Item Updated\"", "\"Friend Added\"", "\"Consent Updated\"", "\"Signed Up\""];

    private readonly Random _random = new(seed);

    public byte[] Next() => _random.Next(4) switch
    {
        0 => Noise(),
        1 => Broken(Encoding.UTF8.GetBytes(Batch())),
        _ => Encoding.UTF8.GetBytes(Batch()),
    };

    private byte[] Noise()
    {
        var bytes = new byte[_random.Next(200)];
        _random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>Bytes changed, taken out, doubled, put in, cut off.</summary>
    private byte[] Broken(byte[] body)
    {
        var bytes = body.ToList();
        for (var times = _random.Next(1, 6); times > 0 && bytes.Count > 0; times--)
        {
            var at = _random.Next(bytes.Count);
            switch (_random.Next(6))
            {
                case 0: bytes[at] = (byte)_random.Next(256); break;
                case 1: bytes.RemoveRange(at, Math.Min(_random.Next(1, 20), bytes.Count - at)); break;
                case 2: bytes.InsertRange(at, bytes.Slice(at, Math.Min(_random.Next(1, 40), bytes.Count - at))); break;
                case 3: bytes.InsertRange(at, Encoding.UTF8.GetBytes(Value(0))); break;
                case 4: bytes.InsertRange(at, [0xC3, 0x28, 0xED, 0xA0, 0x80]); break;
                default: bytes.RemoveRange(at, bytes.Count - at); break;
            }
        }

        return [.. bytes];
    }

    private string Batch()
    {
        var events = string.Join(',', Enumerable.Range(0, _random.Next(5)).Select(_ => _random.Next(10) == 0 ? Value(0) : Event()));
        var rest = _random.Next(10) == 0 ? $",\"sentAt\":{Value(0)}" : ",\"sentAt\":\"2026-05-01T11:59:00Z\"";
        return $"{{\"batch\":[{events}]{rest}{(_random.Next(5) == 0 ? $",\"context\":{Value(0)}" : "")}}}";
    }

    private string Event()
    {
        var members = new List<string>();
        foreach (var member in Members)
        {
            var value = member switch
            {
                "type" => Pick(Types),
                "userId" => "\"u\"",
                "messageId" => $"\"m{_random.Next(1000)}\"",
                "timestamp" => "\"2026-05-01T11:00:00Z\"",
                "event" => Pick(Events),
                "properties" => Properties(),
                _ => null,
            };
            var odd = _random.Next(20);
            if (value is null ? odd < 2 : odd == 0) value = Value(0);
            if (value is not null && odd != 1) members.Add($"\"{member}\":{value}");
        }

        return $"{{{string.Join(',', members.OrderBy(_ => _random.Next()))}}}";
    }

    private string Properties() => _random.Next(6) switch
    {
        0 => "{\"products\":[{\"product_id\":\"p\",\"price\":12.5,\"quantity\":2},{\"sku\":7}]}",
        1 => $"{{\"eventId\":{Value(0)},\"start\":{Value(0)},\"price\":{Value(0)},\"x\":{Value(0)}}}",
        2 => $"{{\"products\":[{{\"id\":{Value(0)},\"price\":{Value(0)},\"quantity\":{Value(0)}}}]}}",
        3 => $"{{\"friendIds\":{Value(0)},\"tracking\":{Value(0)}}}",
        4 => "{\"itemId\":\"i\"}",
        _ => Value(0),
    };

    private string Value(int depth) => _random.Next(12) switch
    {
        0 when depth < 4 => $"[{Value(depth + 1)},{Value(depth + 1)}]",
        1 when depth < 4 => $"{{\"{Pick(Members)}\":{Value(depth + 1)},\"k\":{Value(depth + 1)}}}",
        2 => $"\"{new string('x', _random.Next(3_000))}\"",
        3 => new string('9', _random.Next(1, 400)),
        4 => string.Concat(Enumerable.Repeat("[", 40)) + string.Concat(Enumerable.Repeat("]", 40)),
        5 when _random.Next(20) == 0 => string.Concat(Enumerable.Repeat("{\"a\":", 2_000)) + "1" + new string('}', 2_000),
        _ => Pick(Nasty),
    };

    private string Pick(string[] from) => from[_random.Next(from.Length)];
}
