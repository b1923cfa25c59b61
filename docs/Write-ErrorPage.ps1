#Requires -Version 7.6
<#
.SYNOPSIS
    Writes docs/errors.md from the catalogue in the built module; with -Check, fails when the page is not what it would write.
.DESCRIPTION
    Run it in a process of its own (./build.ps1 Docs does): one that holds an older build of the module would write of that one.
#>
[CmdletBinding()]
param(
    [switch] $Check
)

$ErrorActionPreference = 'Stop'
$page = Join-Path $PSScriptRoot 'errors.md'
$assembly = [Reflection.Assembly]::LoadFrom((Convert-Path -LiteralPath (Join-Path $PSScriptRoot '../bin/Bitswap/Bitswap.dll')))
$catalogue = $assembly.GetType('Bitswap.Errors.ErrorCatalog', $true).GetProperty('All').GetValue($null)
$lines = @(
    '# Errors'
    ''
    '<!-- Written by ./build.ps1 Docs from src/Bitswap/Errors/ErrorCatalog.cs. Change it there. -->'
    ''
    'Every error of the module has an id that stays the same from version to version, the category that PowerShell knows it by, the object it is about, and a'
    'remedy. An error about one item of many does not end the pipeline; one about the set-up does.'
    ''
    '```powershell'
    'try {'
    '    Get-BitswapBlock $cid -ErrorAction Stop'
    '}'
    'catch {'
    '    ($_.FullyQualifiedErrorId -split '','')[0]    # the id, such as BlockUnavailable'
    '    $_.CategoryInfo.Category                    # ObjectNotFound'
    '    $_.TargetObject                             # the CID'
    '    $_.ErrorDetails.RecommendedAction           # the remedy'
    '}'
    '```'
    ''
    '| id | category | when | what to do |'
    '|---|---|---|---|'
    foreach ($kind in $catalogue) {
        '| `{0}` | {1} | {2} | {3} |' -f $kind.Id, $kind.Category, $kind.When.Replace('|', '\|'), $kind.Remedy.Replace('|', '\|').Replace('<', '\<')
    }
)
$text = ($lines -join "`n") + "`n"
if (-not $Check) {
    [IO.File]::WriteAllText($page, $text)
    return
}

if (-not (Test-Path -LiteralPath $page) -or [IO.File]::ReadAllText($page).ReplaceLineEndings("`n") -cne $text) {
    throw 'docs/errors.md is not what the catalogue says. Write it anew with ./build.ps1 Docs.'
}
