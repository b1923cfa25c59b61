BeforeDiscovery {
    $root = (Get-Item -LiteralPath (Join-Path $PSScriptRoot '../..')).FullName
    $analyzer = Get-Module -ListAvailable PSScriptAnalyzer | Sort-Object Version -Descending | Select-Object -First 1
    $scripts = @(Get-Item -LiteralPath (Join-Path $root 'build.ps1'), (Join-Path $root 'Bitswap.psd1')) +
        @(Get-ChildItem -LiteralPath (Join-Path $root 'src'), (Join-Path $root 'docs'), $PSScriptRoot -Recurse -File -Include *.ps1, *.psm1, *.psd1) |
        Where-Object FullName -NotMatch '[\\/](bin|obj)[\\/]'
    $scripts = $scripts | ForEach-Object { @{ Name = [IO.Path]::GetRelativePath($root, $_.FullName).Replace('\', '/'); Path = $_.FullName } }
}

# the analyzer asks the session for the types that a class is made of
BeforeAll { . "$PSScriptRoot/Common.ps1" }

Describe 'PSScriptAnalyzer' {
    if (-not $analyzer) {
        It 'has nothing to say of the scripts' { Set-ItResult -Skipped -Because 'PSScriptAnalyzer is not installed' }
        return
    }

    It 'has nothing to say of <Name>' -ForEach $scripts {
        # what a block of Pester sets is used in another; a test's helper needs no -WhatIf; a figure that is measured is shown
        $of = $Name -like '*.Tests.ps1' -or $Name -like 'tests/*' ? @(
            'PSUseDeclaredVarsMoreThanAssignments', 'PSUseShouldProcessForStateChangingFunctions', 'PSUseSingularNouns', 'PSAvoidUsingWriteHost') : @()
        $settings = Import-PowerShellDataFile -LiteralPath (Join-Path $PSScriptRoot 'PSScriptAnalyzerSettings.psd1')
        $settings.ExcludeRules += $of
        $found = Invoke-ScriptAnalyzer -Path $Path -Settings $settings
        ($found | ForEach-Object { "$($_.RuleName) at line $($_.Line): $($_.Message)" }) -join "`n" | Should -BeNullOrEmpty
    }
}
