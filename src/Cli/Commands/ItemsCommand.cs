using System.CommandLine;
using Auie.Cli.Output;
using Auie.Client.Http;

namespace Auie.Cli.Commands;

/// <summary>auie items.</summary>
internal static class ItemsCommand
{
    public static Command Make(CommonOptions common)
    {
        var id = new Argument<string>("ID") { Description = "The item's id." };
        var show = new Command("show", "What is held on an event or a product, and how many said what of it.") { id };
        common.Run(show, async (parse, session, cancellationToken) =>
        {
            var item = await session.Engine.GetItem(parse.GetRequiredValue(id), null, cancellationToken);
            session.Print(item, AuieJson.Lenient.ItemView, Views.Of);
            return ExitCodes.Ok;
        }, "auie items show 104070", "auie items show 104070 --json");
        return new Command("items", "Events and products.") { show };
    }
}
