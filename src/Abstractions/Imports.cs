namespace Auie.Abstractions;

/// <summary>What imports brought and what was wrong with it: one report a source, the latest. Key: tenant.</summary>
[Alias("auie.import-log")]
public interface IImportLogGrain : IGrainWithStringKey
{
    /// <summary>Keeps a report in place of an earlier one of the same source.</summary>
    Task Put([Immutable] ImportReport report, CancellationToken cancellationToken);

    /// <summary>Every report, by source.</summary>
    Task<ImportReport[]> List(CancellationToken cancellationToken);

    /// <summary>Drops the examples of all reports that hold one of these ids. Called by the erasure.</summary>
    /// <returns>How many there were.</returns>
    Task<int> DropExamples([Immutable] string[] ids, CancellationToken cancellationToken);
}

/// <summary>What an import read, table by table, and what it brought.</summary>
[GenerateSerializer, Immutable, Alias("auie.import-report")]
public sealed record ImportReport
{
    /// <summary>The kind of the source, as "event-challenge".</summary>
    [Id(0)] public required string Source { get; init; }

    [Id(1)] public required DateTimeOffset EndedAt { get; init; }
    [Id(2)] public required double Seconds { get; init; }

    /// <summary>Ids that occur anywhere, and those of them that have a row in the table of users.</summary>
    [Id(3)] public required long Ids { get; init; }
    [Id(4)] public required long KnownUsers { get; init; }

    /// <summary>Links in lists of friends, and those of them to known users.</summary>
    [Id(5)] public required long FriendLinks { get; init; }
    [Id(6)] public required long KnownFriendLinks { get; init; }

    /// <summary>Answers and invitations in lists of attendees, and those of them by or to known users.</summary>
    [Id(7)] public required long Answers { get; init; }
    [Id(8)] public required long KnownAnswers { get; init; }

    /// <summary>Facts in all: rows, links, answers and invitations.</summary>
    [Id(9)] public required long Facts { get; init; }

    /// <summary>Events about users and items that were new to the engine, and those that it had.</summary>
    [Id(10)] public required long Added { get; init; }
    [Id(11)] public required long Known { get; init; }

    [Id(12)] public required TableReport[] Tables { get; init; }
}

/// <summary>The quality of one table.</summary>
[GenerateSerializer, Immutable, Alias("auie.table-report")]
public sealed record TableReport
{
    [Id(0)] public required string Table { get; init; }

    /// <summary>Rows read, and those of them that could not be used at all.</summary>
    [Id(1)] public required long Rows { get; init; }
    [Id(2)] public required long RejectedRows { get; init; }

    [Id(3)] public required ColumnReport[] Columns { get; init; }
}

/// <summary>The quality of one column: how many cells are missing and what is done about it, and what is wrong or odd by reason.</summary>
[GenerateSerializer, Immutable, Alias("auie.column-report")]
public sealed record ColumnReport
{
    [Id(0)] public required string Column { get; init; }
    [Id(1)] public required long Missing { get; init; }

    /// <summary>What is done about missing values: "the median stands in where it is clustered", "left out".</summary>
    [Id(2)] public required string Treatment { get; init; }

    /// <summary>Cells that were refused, by reason, with examples.</summary>
    [Id(3)] public required Finding[] Rejected { get; init; }

    /// <summary>Cells that were kept as they are and look wrong, by reason, with examples.</summary>
    [Id(4)] public required Finding[] Suspicious { get; init; }

    /// <summary>How many cells have no value, missing or refused, in place of which features are given one.</summary>
    [Id(5)] public long Imputed { get; init; }

    /// <summary>What stands in, and in which features: "the median in age, birthyear"; null where nothing does.</summary>
    [Id(6)] public string? ImputedAs { get; init; }
}

/// <summary>A reason, how many cells it holds for, and some of their values.</summary>
[GenerateSerializer, Immutable, Alias("auie.finding")]
public sealed record Finding([property: Id(0)] string Reason, [property: Id(1)] long Count, [property: Id(2)] string[] Examples);
