using System.Text.Json;
using System.Text.Json.Serialization;

namespace Auie.Core.Imports;

/// <summary>What an import read and what it brought, as it is stored. Its codec is JSON with a version, for there is one a source, and it is small.</summary>
/// <param name="Ids">Ids that occur anywhere; <paramref name="KnownUsers"/>: those of them with a row in the table of users.</param>
/// <param name="FriendLinks">Links in lists of friends; <paramref name="KnownFriendLinks"/>: those of them to known users.</param>
/// <param name="Answers">Answers and invitations in lists of attendees; <paramref name="KnownAnswers"/>: those of them by or to known users.</param>
/// <param name="Facts">Rows, links, answers and invitations.</param>
/// <param name="Added">Events that were new to the engine; <paramref name="Known"/>: those that it had.</param>
public sealed record ImportRecord(
    string Source, DateTimeOffset EndedAt, double Seconds, long Ids, long KnownUsers, long FriendLinks, long KnownFriendLinks,
    long Answers, long KnownAnswers, long Facts, long Added, long Known, ImportedTable[] Tables)
{
    /// <summary>The layout that this code writes, and the only one so far.</summary>
    public const int CurrentVersion = 1;

    [JsonPropertyName("v")]
    public int Version { get; init; } = CurrentVersion;

    public byte[] Encode() => JsonSerializer.SerializeToUtf8Bytes(this, ImportJson.Default.ImportRecord);

    /// <exception cref="FormatException">The bytes are not an import of a version that this code knows.</exception>
    public static ImportRecord Decode(ReadOnlySpan<byte> bytes)
    {
        ImportRecord? import;
        try
        {
            import = JsonSerializer.Deserialize(bytes, ImportJson.Default.ImportRecord);
        }
        catch (JsonException e)
        {
            throw new FormatException($"A stored import cannot be read: {e.Message}", e);
        }

        return import is { Version: CurrentVersion }
            ? import
            : throw new FormatException($"A stored import has the layout {import?.Version.ToString() ?? "null"}; this version reads {CurrentVersion}.");
    }
}

/// <summary>The quality of a table that was imported.</summary>
public sealed record ImportedTable(string Table, long Rows, long RejectedRows, ImportedColumn[] Columns);

/// <summary>The quality of one of its columns: how many cells are missing and what is done about it; what was refused, and what is kept and looks wrong.</summary>
public sealed record ImportedColumn(string Column, long Missing, string Treatment, ImportFinding[] Rejected, ImportFinding[] Suspicious)
{
    /// <summary>How many cells have no value and are given one in features, and which; of imports that did not count it, none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long Imputed { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ImputedAs { get; init; }
}

/// <summary>A reason, how many cells it holds for, and some of their values.</summary>
public sealed record ImportFinding(string Reason, long Count, string[] Examples);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ImportRecord))]
internal sealed partial class ImportJson : JsonSerializerContext;
