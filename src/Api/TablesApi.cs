using Auie.Abstractions;
using Auie.Api.Access;
using Auie.Api.Answers;
using Auie.Client;
using Auie.Client.Csv;
using Auie.Client.Keys;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Auie.Api;

/// <summary>/api/tables: tables of numbers that are not about users, sent as CSV, to be clustered by a job.</summary>
public static class TablesApi
{
    private const int ValuesAtOnce = 64 * 1024;

    public static RouteGroupBuilder MapTablesApi(this RouteGroupBuilder api, AuieApiOptions options)
    {
        var tables = api.MapGroup("/tables").WithTags("Tables");
        tables.MapPut("/{name}", Put).WithName("PutTable").WithSummary("Makes a table of the numbers in a CSV with a header")
            .WithDescription(
                "columns: which columns to keep, once for each (left out: all). id: the column whose texts identify the rows, so that what a job "
                + "finds does not depend on their order (left out: the column called id, if there is one that is not among columns; empty: none); it "
                + "is not kept as numbers. shards: over how many shards it lies; no answer depends on it. "
                + "ifExists: fail (the default) or replace. An empty cell, NA, NaN and null are missing values; whatever else is not a finite "
                + "number is an error, answered with its line, column and value, and then there is no table.")
            .Accepts<string>("text/csv")
            .WithMetadata(new BodyLimit(options.TableBytes))
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .RequireScope(Scopes.Write);
        tables.MapGet("/{name}", Get).WithName("GetTable").WithSummary("A table's columns, rows and shards")
            .ProducesProblem(StatusCodes.Status404NotFound).RequireScope(Scopes.Read);
        tables.MapDelete("/{name}", Drop).WithName("DropTable").WithSummary("Removes a table")
            .ProducesProblem(StatusCodes.Status404NotFound).RequireScope(Scopes.Write);
        return api;
    }

    private static async Task<Results<Created<TableView>, ProblemHttpResult>> Put(
        string name, [FromQuery] string[]? columns, string? id, int? shards, string? ifExists, EngineClient engine, AuieApiOptions options, ApiTelemetry telemetry,
        HttpContext context, CancellationToken cancellationToken)
    {
        Input.TableName(name);
        if (ifExists is not (null or "fail" or "replace")) throw new InvalidRequestException("ifExists", $"'{ifExists}' is not fail or replace");
        var over = shards ?? options.TableShards;
        if (over < 1) throw new InvalidRequestException("shards", $"{over} is not at least 1");

        var csv = await NumericCsvReader.Open(context.Request.Body, columns, id, NumericCsvLimits.Default, cancellationToken);
        if (await engine.GetTable(name, cancellationToken) is not null)
        {
            if (ifExists != "replace")
                return new Problem(StatusCodes.Status409Conflict, "table_exists", $"There is a table '{name}' already; ifExists=replace replaces it.").ToResult(context);
            await engine.DropTable(name, cancellationToken);
        }

        // Another of that name may be gone by now.
        var table = await Parts.After(engine.CreateTable(name, csv.Columns, over, cancellationToken));
        var kept = false;
        try
        {
            await Parts.After(Fill(engine, table, csv, cancellationToken));
            if (csv.Errors.Count > 0) return BadCells(csv.Errors).ToResult(context);
            if (csv.Rows == 0) return Problems.Invalid("body", "the CSV has a header and no rows").ToResult(context);
            table = await Parts.After(engine.CompleteTable(table, cancellationToken));
            kept = true;
            telemetry.TableRows(csv.Rows);
            return TypedResults.Created($"/api/tables/{name}", table);
        }
        finally
        {
            // Half a table must not be left behind, whatever became of its sender.
            if (!kept) await Parts.After(engine.DropTable(table, CancellationToken.None));
        }
    }

    // After the first bad cell the rest is only read, so that its errors can be told too.
    private static async Task Fill(EngineClient engine, TableView table, NumericCsvReader csv, CancellationToken cancellationToken)
    {
        var width = csv.Columns.Length;
        var values = new double[Math.Max(1, ValuesAtOnce / width) * width];
        var ids = csv.IdColumn is null ? null : new string[values.Length / width];
        var sent = 0L;
        while (await csv.Read(values, ids, cancellationToken) is > 0 and var rows)
        {
            if (csv.Errors.Count == 0) sent = await engine.AppendRows(table, sent, values[..(rows * width)], ids?[..rows], cancellationToken);
        }
    }

    private static async Task<Results<Ok<TableView>, ProblemHttpResult>> Get(
        string name, EngineClient engine, HttpContext context, CancellationToken cancellationToken)
    {
        var table = await engine.GetTable(Input.TableName(name), cancellationToken);
        return table is null ? UnknownTable(name).ToResult(context) : TypedResults.Ok(table);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Drop(
        string name, EngineClient engine, HttpContext context, CancellationToken cancellationToken) =>
        await engine.DropTable(Input.TableName(name), cancellationToken) ? TypedResults.NoContent() : UnknownTable(name).ToResult(context);

    private static Problem BadCells(IReadOnlyList<CellError> errors) => new(StatusCodes.Status400BadRequest, "bad_cells",
        errors.Count == 1 ? errors[0].ToString() : $"{errors[0]}; and {errors.Count - 1} more")
    {
        Cells = errors,
    };

    private static Problem UnknownTable(string name) => Problems.NotFound("unknown_table", $"There is no table '{name}'.");
}
