using System.CommandLine;
using Auie.Cli.Output;
using Auie.Client.Http;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Auie.Cli.Commands;

/// <summary>auie silos.</summary>
internal static class SilosCommand
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);

    /// <summary>In how many looks, one after the other, a silo has to be neither draining nor drained to be taken for one that will not be.</summary>
    private const int LooksAmiss = 10;

    public static Command Make(CommonOptions common)
    {
        var silos = new Command("silos", "The silos, which slots each serves, and how much it has to do.")
        {
            Drain(common),
            OfOne(common, "resume", "Has a silo that was drained take its share again.", (engine, name, _, cancellationToken) => engine.ResumeSilo(name, cancellationToken)),
        };
        common.Run(silos, async (_, session, cancellationToken) =>
        {
            var list = await session.Engine.ListSilos(cancellationToken);
            session.Print(list, AuieJson.Lenient.SiloList, Of);
            // What is told is of use, but is not how it is.
            return list.Note is { } note ? throw new CliException(ExitCodes.TryAgain, note) : ExitCodes.Ok;
        }, "auie silos", "auie silos --json", "auie silos drain silo-2");
        return silos;
    }

    private static Command Drain(CommonOptions common)
    {
        var wait = new Option<bool>("--wait") { Description = "Wait until it serves nothing any more." };
        var drain = OfOne(common, "drain", "Has a silo hand all that it serves over to the others, and take nothing more.", async (engine, name, parse, cancellationToken) =>
        {
            var list = await engine.DrainSilo(name, cancellationToken);
            if (!parse.GetValue(wait))
                return list;
            var amiss = 0;
            while (StatusOf(list, name) is not "drained" and var status)
            {
                // One whose lease ran out for a moment is put out, and joins again as it was: it has to be so for a while.
                amiss = status == "draining" ? 0 : amiss + 1;
                if (amiss == LooksAmiss)
                    throw new CliException(ExitCodes.Failed, NotDrained(name, status));
                await Task.Delay(BetweenLooks, cancellationToken);
                list = await engine.ListSilos(cancellationToken);
                if (list.Note is { } note)
                    throw new CliException(ExitCodes.TryAgain, $"whether '{name}' is drained cannot be told: it was told to be, and nobody says how far it is. Ask again in some seconds. {note}");
            }

            return list;
        });
        drain.Options.Add(wait);
        return drain;
    }

    private static string? StatusOf(SiloList list, string name) => list.Silos.FirstOrDefault(silo => silo.Name == name)?.Status;

    /// <summary>What became of a silo in place of being drained.</summary>
    /// <param name="status">As it is listed; null where it is not.</param>
    private static string NotDrained(string name, string? status) => status switch
    {
        null => $"the silo '{name}' is gone, and was not seen to be drained before: it was stopped, which hands over too, or it stood still past its lease or was killed, and then the others have taken over what it had. One that stood still takes its share again when it wakes: drain it then, or end its process.",
        "expired" => $"the silo '{name}' has not renewed its lease, and was not drained: it was killed, stands still, or does not reach the database. The others take over what it had. Should it wake it takes its share again: drain it then, or end its process.",
        _ => $"the silo '{name}' is {status}, and was not drained: it was resumed meanwhile.",
    };

    private static Command OfOne(
        CommonOptions common, string verb, string description, Func<AuieHttpClient, string, ParseResult, CancellationToken, Task<SiloList>> ask)
    {
        var name = new Argument<string>("NAME") { Description = "The silo's name." };
        var command = new Command(verb, description) { name };
        common.Run(command, async (parse, session, cancellationToken) =>
        {
            var list = await ask(session.Engine, parse.GetRequiredValue(name), parse, cancellationToken);
            session.Print(list, AuieJson.Lenient.SiloList, Of);
            return list.Note is { } note ? throw new CliException(ExitCodes.TryAgain, $"It was told. {note}") : ExitCodes.Ok;
        }, $"auie silos {verb} NAME");
        return command;
    }

    private static IEnumerable<IRenderable> Of(SiloList list)
    {
        var table = Views.Grid("Silo", "Status", "Slots", "Grains", "Pending", "Memory", "Version", "Address");
        foreach (var silo in list.Silos)
        {
            table.AddRow(Views.Cells(silo.Name, silo.Status, silo.Slots.Length == 0 ? "none" : $"{silo.Slots.Length}: {Ranges(silo.Slots)}", silo.Activations.ToString("N0"), silo.Pending.ToString("N0"),
                $"{silo.MemoryBytes / (1024.0 * 1024):N0} MB", Short(silo.Version), silo.Address));
        }

        yield return table;
    }

    /// <summary>A version with as much of its commit as tells it from another's; --json has all of it.</summary>
    private static string Short(string version) => version.IndexOf('+', StringComparison.Ordinal) is >= 0 and var commit && version.Length > commit + 8 ? version[..(commit + 8)] : version;

    /// <summary>Numbers in ascending order, those that follow each other as one: 0-3 7.</summary>
    private static string Ranges(int[] numbers)
    {
        var ranges = new List<(int First, int Last)>();
        foreach (var number in numbers.Order())
        {
            if (ranges is [.., var last] && last.Last == number - 1)
                ranges[^1] = (last.First, number);
            else
                ranges.Add((number, number));
        }

        return string.Join(' ', ranges.Select(range => range.First == range.Last ? $"{range.First}" : $"{range.First}-{range.Last}"));
    }
}
