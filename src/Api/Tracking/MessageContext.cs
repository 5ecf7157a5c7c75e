using System.Text.Json;

namespace Auie.Api.Tracking;

/// <summary>What an event's context says that the engine uses.</summary>
internal struct MessageContext
{
    private JsonElement _device, _system, _library, _agent, _page, _app;

    public string? Channel { get; private set; }

    public string? Platform { get; private set; }

    public string? Locale { get; private set; }

    public string? Timezone { get; private set; }

    /// <summary>context.traits: what is known of the user, for an identify.</summary>
    public JsonElement Traits { get; private set; }

    /// <summary>context.consent.categoryPreferences.tracking.</summary>
    public bool? Tracking { get; private set; }

    /// <summary>context.consent.categoryPreferences.personalisation, in either spelling.</summary>
    public bool? Personalisation { get; private set; }

    /// <param name="context">The object, or nothing.</param>
    /// <param name="channel">The channel that the event names outside its context.</param>
    public static Fault? Read(JsonElement context, JsonElement channel, out MessageContext read)
    {
        read = default;
        var fault = read.Read(context, channel);
        if (fault is null) read.Platform = read.FindPlatform();
        return fault;
    }

    private Fault? Read(JsonElement context, JsonElement channel)
    {
        if (Values.Object(context, "context") is { } no) return no;
        JsonElement ownChannel = default, consent = default;
        var (locale, timezone, traits) = (default(JsonElement), default(JsonElement), default(JsonElement));
        if (context.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in context.EnumerateObject())
            {
                if (member.NameEquals("channel"u8)) ownChannel = member.Value;
                else if (member.NameEquals("locale"u8)) locale = member.Value;
                else if (member.NameEquals("timezone"u8)) timezone = member.Value;
                else if (member.NameEquals("userAgent"u8)) _agent = member.Value;
                else if (member.NameEquals("device"u8)) _device = member.Value;
                else if (member.NameEquals("os"u8)) _system = member.Value;
                else if (member.NameEquals("library"u8)) _library = member.Value;
                else if (member.NameEquals("page"u8)) _page = member.Value;
                else if (member.NameEquals("app"u8)) _app = member.Value;
                else if (member.NameEquals("traits"u8)) traits = member.Value;
                else if (member.NameEquals("consent"u8)) consent = member.Value;
            }
        }

        if (Values.Name(channel, "channel", out var outer) is { } badOuter) return badOuter;
        if (Values.Name(ownChannel, "context.channel", out var inner) is { } badInner) return badInner;
        Channel = inner ?? outer;
        if (Values.Name(locale, "context.locale", out var givenLocale) is { } badLocale) return badLocale;
        Locale = givenLocale;
        if (Values.Name(timezone, "context.timezone", out var givenTimezone) is { } badTimezone) return badTimezone;
        Timezone = givenTimezone;
        Traits = traits;
        return Values.Object(traits, "context.traits")
            ?? Member(ref _device, "type"u8, "context.device", "context.device.type")
            ?? Member(ref _system, "name"u8, "context.os", "context.os.name")
            ?? Member(ref _library, "name"u8, "context.library", "context.library.name")
            ?? (_agent.IsAbsent() || _agent.ValueKind == JsonValueKind.String ? default(Fault?) : new Fault("context.userAgent", "must be a text"))
            ?? ReadConsent(consent);
    }

    /// <summary>Puts an object's member in its place.</summary>
    private static Fault? Member(ref JsonElement value, ReadOnlySpan<byte> name, string field, string memberField)
    {
        if (Values.Object(value, field) is { } no) return no;
        if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(name, out var member))
        {
            value = default;
            return null;
        }

        value = member;
        return value.IsAbsent() || value.ValueKind == JsonValueKind.String ? null : new Fault(memberField, "must be a text");
    }

    private Fault? ReadConsent(JsonElement consent)
    {
        const string field = "context.consent", inner = field + ".categoryPreferences";
        if (Values.Object(consent, field) is { } no) return no;
        if (consent.ValueKind != JsonValueKind.Object || !consent.TryGetProperty("categoryPreferences"u8, out var preferences)) return null;
        if (Values.Object(preferences, inner) is { } none) return none;
        if (preferences.ValueKind != JsonValueKind.Object) return null;
        foreach (var preference in preferences.EnumerateObject())
        {
            if (preference.NameEquals("tracking"u8))
            {
                if (Values.Truth(preference.Value, inner + ".tracking", out var tracking) is { } fault) return fault;
                Tracking = tracking;
            }
            else if (preference.NameEquals("personalisation"u8) || preference.NameEquals("personalization"u8))
            {
                if (Values.Truth(preference.Value, $"{inner}.{preference.Name}", out var personalisation) is { } fault) return fault;
                Personalisation = personalisation;
            }
        }

        return null;
    }

    /// <summary>
    /// The first that says it: a channel of mail; the device or its system; a browser, by its user agent, its library or its page; a library of
    /// a mobile system, or of a server, or a server's channel. Other where something is said and none of these; null where nothing is.
    /// </summary>
    private readonly string? FindPlatform()
    {
        if (string.Equals(Channel, "email", StringComparison.OrdinalIgnoreCase)) return "email";
        if (_device.Is("ios"u8) || _system.Is("ios"u8) || _system.Is("ipados"u8) || _system.Is("iphone os"u8)) return "ios";
        if (_device.Is("android"u8) || _system.Is("android"u8)) return "android";
        if (_library.Is("analytics.js"u8) || _agent.Holds("mozilla/"u8) || _page.ValueKind == JsonValueKind.Object) return "web";
        if (_library.Holds("swift"u8) || _library.Holds("ios"u8)) return "ios";
        if (_library.Holds("kotlin"u8) || _library.Holds("android"u8)) return "android";
        if (Channel is null ? _library.Holds("analytics-"u8) : string.Equals(Channel, "server", StringComparison.OrdinalIgnoreCase)) return "server";
        if (string.Equals(Channel, "browser", StringComparison.OrdinalIgnoreCase) || string.Equals(Channel, "web", StringComparison.OrdinalIgnoreCase)) return "web";
        return Channel is null && _device.IsAbsent() && _system.IsAbsent() && _library.IsAbsent() && _agent.IsAbsent() && _app.IsAbsent() ? null : "other";
    }
}
