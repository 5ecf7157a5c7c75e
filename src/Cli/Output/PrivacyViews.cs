using Auie.Abstractions;
using Auie.Client.Http;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Auie.Cli.Output;

/// <summary>Consent and receipts of erasures, as a person reads them.</summary>
internal static class PrivacyViews
{
    public static IEnumerable<IRenderable> Of(UserConsent consent)
    {
        var table = Views.Grid("Allowed", "");
        table.AddRow(Views.Cells("tracking", Said(consent.Tracking)));
        table.AddRow(Views.Cells("personalisation", Said(consent.Personalisation)));
        yield return table;
    }

    public static IEnumerable<IRenderable> Of(ErasureView[] receipts)
    {
        var table = Views.Grid("Erasure", "State", "Phase", "Ids", "Requested", "Ended");
        foreach (var receipt in receipts)
        {
            table.AddRow(Views.Cells(receipt.Id, receipt.State, receipt.Of > 1 ? $"{receipt.Phase} {receipt.Done}/{receipt.Of}" : receipt.Phase, receipt.Hashes.Length.ToString("N0"),
                Views.Instant(receipt.RequestedAt), receipt.EndedAt is { } ended ? Views.Instant(ended) : ""));
        }

        yield return table;
    }

    public static IEnumerable<IRenderable> Of(ErasureView receipt)
    {
        foreach (var part in Of([receipt])) yield return part;
        yield return Views.Line(
            $"Taken out of {receipt.Users:N0} other users, {receipt.Items:N0} items ({receipt.Answers:N0} answers), {receipt.Records:N0} records, {receipt.Examples:N0} examples of imports.");
        foreach (var model in receipt.ModelStates)
            yield return Views.Line($"Model version {model.Version}, which held them: {model.State}{(model.Job is { } job ? $" (job {job})" : "")}{(model.Reason is { } reason ? $": {reason}" : "")}");
        foreach (var ranker in receipt.RankerStates)
            yield return Views.Line($"ranker-{ranker.Version}, which learnt from them too: {ranker.State}{(ranker.Job is { } job ? $" (job {job})" : "")}{(ranker.Reason is { } reason ? $": {reason}" : "")}");
        foreach (var hash in receipt.Hashes) yield return Views.Line($"tombstone {hash}");
        foreach (var remains in receipt.Remains) yield return Views.Line(remains);
        if (receipt.Trouble is { } trouble) yield return Views.Line(trouble);
    }

    public static IEnumerable<IRenderable> Of(AuditList audit)
    {
        var table = Views.Grid("Number", "When", "Key", "What", "Subject", "Receipt");
        foreach (var entry in audit.Entries)
            table.AddRow(Views.Cells(entry.Number.ToString("N0"), Views.Instant(entry.At), entry.Key, entry.What, entry.Subject ?? "", entry.Receipt ?? ""));
        yield return table;
    }

    private static string Said(bool? answer) => answer switch { true => "yes", false => "no", null => "not said" };
}
